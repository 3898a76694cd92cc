// Sound whose frame n is n / 2^20, so that a test sees which frames it got.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "earshot/audio/recording.h"

namespace earshot::testing {

class CountingContent final : public AudioContent {
 public:
  CountingContent(std::int64_t frames, std::int64_t sample_rate_hz)
      : header_{.frames = frames, .sample_rate_hz = sample_rate_hz, .channels = 1, .format = "counting"} {}

  [[nodiscard]] const AudioHeader& header() const noexcept override { return header_; }
  [[nodiscard]] std::string name() const override { return "counting"; }
  [[nodiscard]] Result<std::vector<float>> render(FrameRange range, Downmix) const override {
    std::vector<float> samples;
    for (std::int64_t n = range.first; n < range.first + range.frames; ++n) samples.push_back(value(n));
    return samples;
  }
  static float value(std::int64_t frame) { return static_cast<float>(frame) / 1048576.0F; }

 private:
  AudioHeader header_;
};

inline Recording counting_recording(std::int64_t frames, std::int64_t sample_rate_hz, TimeRange range = {}) {
  return Recording(std::make_shared<const CountingContent>(frames, sample_rate_hz), range);
}

}  // namespace earshot::testing
