// Resampler: changes the sample rate. Output frame n is the value of the band-limited input at time n / out, computed
// as one fixed dot product of input frames: any range of the output has the bits of the whole.
//
// Filter: sinc times Kaiser window, pass band to 0.913 of the lower Nyquist frequency, stop band from 1.0 of it on,
// below -100 dB, linear phase without delay, exactly 1 at 0 Hz. Beyond its ends the input counts as silence.
// Source: J. O. Smith, "Digital Audio Resampling"; Kaiser's length formula as in Oppenheim and Schafer, section 7.6.
//
// With g = gcd(in, out) there are L = out / g different sets of coefficients, tabulated once. Where that table would be
// large (odd pairs of rates), neighbours of a table of about 1,024 sets are interpolated linearly, at -110 dB.
//
// Threads: immutable; resample() may run on any number of threads. The same bits on the same class of processor.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/contract/time_range.h"

namespace earshot::audio {

class Resampler {
 public:
  static constexpr std::int64_t kMinRate_hz = 1'000;
  static constexpr std::int64_t kMaxRate_hz = 768'000;

  // Errors: kInvalidArgument where a rate lies outside the limits.
  static Result<Resampler> create(std::int64_t in_rate_hz, std::int64_t out_rate_hz);

  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;
  ~Resampler();

  [[nodiscard]] std::int64_t in_rate_hz() const noexcept;
  [[nodiscard]] std::int64_t out_rate_hz() const noexcept;
  // Frames of the whole output: round(input frames * out / in).
  [[nodiscard]] std::int64_t output_frames(std::int64_t input_frames) const;
  // Input frames that an output frame reads on either side of its own place.
  [[nodiscard]] std::int64_t reach() const noexcept;
  // The input frames that output frames `output` read; may begin before 0 and end after the input.
  [[nodiscard]] FrameRange needed(FrameRange output) const;

  // `input` holds the frames from `input_first` on, finite, silence elsewhere -> the frames `output`.
  // Precondition: output.first >= 0.
  [[nodiscard]] std::vector<float> resample(std::span<const float> input, std::int64_t input_first,
                                            FrameRange output) const;

 private:
  struct Tables;
  explicit Resampler(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace earshot::audio
