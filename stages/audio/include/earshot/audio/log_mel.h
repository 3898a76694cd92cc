// LogMel: computes the log-mel spectrogram that a FrontEnd describes, 16 frames at a time.
//
// Threads: immutable; compute() may run on any number of threads. The same bits on the same class of processor.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/result.h"

namespace earshot::audio {

class LogMel {
 public:
  // Errors: kInvalidArgument where the front end's ranges do not hold or fmax lies above half the sample rate.
  static Result<LogMel> create(const FrontEnd& front_end, std::int64_t sample_rate_hz);

  LogMel(LogMel&&) noexcept;
  LogMel& operator=(LogMel&&) noexcept;
  ~LogMel();

  [[nodiscard]] const FrontEnd& front_end() const noexcept;
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept;
  // [frame] samples at the sample rate, in [-1, 1] -> [mel, frame].
  // Errors: kUnsupported where the clip is shorter than front_end().shortest() samples.
  [[nodiscard]] Result<Mel> compute(std::span<const float> samples) const;

 private:
  struct Tables;
  explicit LogMel(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace earshot::audio
