// SoundBank: a palette at one sample rate. Headers are read when it is opened; the samples of a recording are decoded,
// resampled and levelled when they are first asked for, once, and kept.
//
// Threads: immutable as seen from outside; any thread. Memory: at most `max_length_s` of each sound, kMaxBytes in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "earshot/audio/recording.h"
#include "earshot/contract/result.h"
#include "palette.h"

namespace earshot::scenes {

// The level of every sound in a bank: at most this peak and this root mean square, whichever is reached first. Two such
// sounds at once and a background a quarter as loud stay within [-1, 1].
inline constexpr float kPeak = 0.44F;
inline constexpr float kRms = 0.1F;

class SoundBank {
 public:
  static constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;

  // Errors: those of opening a recording; kTooLarge where the bank could outgrow kMaxBytes.
  static Result<std::shared_ptr<const SoundBank>> open(std::vector<Sound> sounds, std::int64_t sample_rate_hz,
                                                       double max_length_s);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_; }
  [[nodiscard]] const Sound& sound(std::size_t i) const { return entries_[i]->sound; }
  // Frames at the bank's rate, known without decoding.
  [[nodiscard]] std::int64_t frames(std::size_t i) const { return entries_[i]->frames; }
  // [frame] levelled samples, as many as frames(i). Errors: those of decoding; kCorruptInput where there is silence.
  [[nodiscard]] Result<std::span<const float>> samples(std::size_t i) const;
  // The hash of the file's bytes, or of the formula. Errors: those of reading.
  [[nodiscard]] Result<std::string> content_id(std::size_t i) const;

 private:
  struct Entry {
    Sound sound;
    std::shared_ptr<const AudioContent> content;  // null where the formula computes it
    std::int64_t frames = 0;
    std::once_flag decoded;
    Result<std::vector<float>> samples = std::vector<float>();
    std::once_flag hashed;
    Result<std::string> id = std::string();
  };
  explicit SoundBank(std::int64_t sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {}
  [[nodiscard]] Result<std::vector<float>> decode(const Entry& entry) const;
  [[nodiscard]] Result<std::vector<float>> read(const AudioContent& content, std::int64_t frames) const;

  std::int64_t sample_rate_hz_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace earshot::scenes
