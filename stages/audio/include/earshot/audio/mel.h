// Mel: a log-mel spectrogram, [mel, frame] float32, as the front end of an encoder defines it (front_end.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/payload.h"

namespace earshot {

class Mel final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"mel", "[mel, frame]", {"sample_rate", "front_end", nullptr}};

  // Preconditions: values.size() == mels * frames; `front_end` is canonical text, shared by all spectrograms of a
  // stage.
  Mel(std::vector<float> values, std::int64_t mels, std::int64_t sample_rate_hz,
      std::shared_ptr<const std::string> front_end)
      : values_(std::move(values)), mels_(mels), sample_rate_hz_(sample_rate_hz), front_end_(std::move(front_end)) {}

  // [mel, frame], row-major: the frames of one mel band are neighbours.
  [[nodiscard]] std::span<const float> values() const noexcept { return values_; }
  std::span<float> values() noexcept { return values_; }
  // [frame] of one band. Precondition: 0 <= mel < mels().
  [[nodiscard]] std::span<const float> band(std::int64_t mel) const noexcept {
    return values().subspan(static_cast<std::size_t>(mel * frames()), static_cast<std::size_t>(frames()));
  }
  std::span<float> band(std::int64_t mel) noexcept {
    return values().subspan(static_cast<std::size_t>(mel * frames()), static_cast<std::size_t>(frames()));
  }

  [[nodiscard]] std::int64_t mels() const noexcept { return mels_; }
  [[nodiscard]] std::int64_t frames() const noexcept {
    return mels_ == 0 ? 0 : static_cast<std::int64_t>(values_.size()) / mels_;
  }
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_; }
  [[nodiscard]] const std::string& front_end() const noexcept { return *front_end_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override;
  [[nodiscard]] bool finite() const override;
  // [mel, frame] float32.
  [[nodiscard]] Result<Record> to_record() const override;
  static Result<PayloadPtr> from_record(const Record& record);

 private:
  std::vector<float> values_;
  std::int64_t mels_;
  std::int64_t sample_rate_hz_;
  std::shared_ptr<const std::string> front_end_;
};

}  // namespace earshot
