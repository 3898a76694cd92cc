// An audio encoder as its tests use it: log-mels of the test wave in, embeddings out, with weights that can be drawn.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/log_mel.h"
#include "encoder_checks.h"

namespace earshot::testing {

// Two blocks of one head: quick to draw and to run.
inline OptionValues small(OptionValues more = {}) {
  more.try_emplace("depth", OptionValue{std::int64_t{2}});
  more.try_emplace("width", OptionValue{std::int64_t{64}});
  return more;
}

class AudioEncoder {
 public:
  AudioEncoder(const audio::FrontEnd& front_end, std::int64_t sample_rate_hz, OptionValues options = small(),
               const Setup& setup = frozen())
      : log_mel_(audio::LogMel::create(front_end, sample_rate_hz).value()), stage_(drawn(std::move(options)), setup) {
    draw_weights(parameters());
  }

  [[nodiscard]] std::span<const nn::NamedTensor> parameters() { return parameters_of(stage_.stage()); }

  // The log-mel of the test wave's first `length_s`, cut to `frames` where that is given.
  [[nodiscard]] Row clip(double length_s, std::int64_t frames = 0) const {
    const Mel mel = log_mel_.compute(test_wave(log_mel_.sample_rate_hz(), length_s)).value();
    if (frames == 0) frames = mel.frames();
    std::vector<float> values;
    for (std::int64_t band = 0; band < mel.mels(); ++band)
      for (const float value : mel.band(band).first(static_cast<std::size_t>(frames))) values.push_back(value);
    return {std::to_string(length_s) + "s" + std::to_string(frames),
            {},
            std::make_shared<const Mel>(std::move(values), mel.mels(), mel.sample_rate_hz(),
                                        std::make_shared<const std::string>(mel.front_end()))};
  }

  [[nodiscard]] BatchOutputs process(const std::vector<Row>& rows, bool training = false, std::uint64_t batch = 0) {
    Result<BatchOutputs> outputs = stage_.process({{"mel", rows}}, training, batch);
    EXPECT_TRUE(outputs.ok()) << outputs.error().message;
    return std::move(outputs).value();
  }
  [[nodiscard]] std::vector<float> embedding(const Row& row) { return values_of_row(process({row}).ports[0].at(0)); }

  // Gradients of the mean square of a training batch's embeddings, by parameter; empty where there is none.
  [[nodiscard]] std::vector<std::vector<float>> gradients(const std::vector<Row>& rows) {
    return gradients_of(stage_.stage(), process(rows, /*training=*/true));
  }

 private:
  audio::LogMel log_mel_;
  BatchStage stage_;
};

}  // namespace earshot::testing
