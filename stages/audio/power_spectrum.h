// PowerSpectrum: |FFT|^2 of 16 real frames at once, in place.
//
// A real frame of `size` samples is transformed as a complex one of half that size (even samples real, odd samples
// imaginary), decimation in time, radix 4 with one radix-2 pass first where log2 is odd.
// Source: Cooley and Tukey 1965; the real-input split as in Press et al., Numerical Recipes, section 12.3.
#pragma once

#include <cstddef>
#include <vector>

#include "lanes.h"

namespace earshot::audio {

class PowerSpectrum {
 public:
  // Precondition: size is a power of two, at least 8.
  explicit PowerSpectrum(std::size_t size);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Floats of the buffer that run() works in: `size` rows of lanes.
  [[nodiscard]] std::size_t buffer_size() const noexcept { return size_ * kLanes; }
  // Where in the buffer the row of sample `index` of the frames belongs, in floats.
  [[nodiscard]] std::size_t offset_of(std::size_t index) const noexcept;
  // [sample in the places of offset_of][lane] -> rows 0..size/2-1 hold the power of bins 0..size/2-1 (no Nyquist bin).
  void run(float* buffer) const;

 private:
  // w^k, w^2k, w^3k as (cos, sin), for one radix-4 butterfly.
  struct Twiddle {
    float r1, i1, r2, i2, r3, i3;
  };
  struct Pass {
    std::size_t span;  // distance of a butterfly's legs, in rows
    std::vector<Twiddle> twiddles;
  };
  // cos, sin of 2 pi k / size.
  struct Angle {
    float cosine, sine;
  };

  static void radix2(float* re, float* im, std::size_t rows);
  static void radix4(float* re, float* im, std::size_t rows, std::size_t span, const Twiddle* twiddles);
  static void power(float* re, const float* im, std::size_t rows, const Angle* angles);

  std::size_t size_;
  std::size_t half_;                   // complex points
  std::vector<std::size_t> reversed_;  // bit reversal of 0..half-1
  std::vector<Pass> passes_;
  std::vector<Angle> angles_;
  bool radix2_first_;
};

}  // namespace earshot::audio
