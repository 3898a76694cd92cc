#include "power_spectrum.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace earshot::audio {

PowerSpectrum::PowerSpectrum(std::size_t size)
    : size_(size), half_(size / 2), reversed_(half_), angles_(half_ / 2 + 1) {
  const auto bits = static_cast<unsigned>(std::countr_zero(half_));
  for (std::size_t i = 0; i < half_; ++i) reversed_[i] = (reversed_[i / 2] / 2) | ((i & 1) << (bits - 1));
  radix2_first_ = bits % 2 == 1;
  for (std::size_t span = radix2_first_ ? 2 : 1; span < half_; span *= 4) {
    Pass pass{span, {}};
    for (std::size_t k = 0; k < span; ++k) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(4 * span);
      const auto cosine = [angle](int n) { return static_cast<float>(std::cos(n * angle)); };
      const auto sine = [angle](int n) { return static_cast<float>(std::sin(n * angle)); };
      pass.twiddles.push_back({cosine(1), sine(1), cosine(2), sine(2), cosine(3), sine(3)});
    }
    passes_.push_back(std::move(pass));
  }
  for (std::size_t k = 0; k < angles_.size(); ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size_);
    angles_[k] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  }
}

std::size_t PowerSpectrum::offset_of(std::size_t index) const noexcept {
  return ((index & 1) * half_ + reversed_[index / 2]) * kLanes;
}

void PowerSpectrum::run(float* buffer) const {
  float* const re = buffer;
  float* const im = buffer + half_ * kLanes;
  if (radix2_first_) radix2(re, im, half_);
  for (const Pass& pass : passes_) radix4(re, im, half_, pass.span, pass.twiddles.data());
  power(re, im, half_, angles_.data());
}

EARSHOT_KERNEL void PowerSpectrum::radix2(float* re, float* im, std::size_t rows) {
  for (std::size_t row = 0; row < rows; row += 2) {
    float* const r = re + row * kLanes;
    float* const i = im + row * kLanes;
    EARSHOT_INDEPENDENT_LANES
    for (std::size_t l = 0; l < kLanes; ++l) {
      const float r0 = r[l];
      const float i0 = i[l];
      const float r1 = r[kLanes + l];
      const float i1 = i[kLanes + l];
      r[l] = r0 + r1;
      i[l] = i0 + i1;
      r[kLanes + l] = r0 - r1;
      i[kLanes + l] = i0 - i1;
    }
  }
}

// Legs 1 and 2 are swapped in memory: the input order is bit reversal, not base-4 digit reversal.
EARSHOT_KERNEL void PowerSpectrum::radix4(float* re, float* im, std::size_t rows, std::size_t span,
                                          const Twiddle* twiddles) {
  const std::size_t leg = span * kLanes;
  for (std::size_t block = 0; block < rows; block += 4 * span) {
    for (std::size_t k = 0; k < span; ++k) {
      const Twiddle w = twiddles[k];
      float* const r = re + (block + k) * kLanes;
      float* const i = im + (block + k) * kLanes;
      EARSHOT_INDEPENDENT_LANES
      for (std::size_t l = 0; l < kLanes; ++l) {
        const float r1 = r[2 * leg + l] * w.r1 - i[2 * leg + l] * w.i1;
        const float i1 = r[2 * leg + l] * w.i1 + i[2 * leg + l] * w.r1;
        const float r2 = r[leg + l] * w.r2 - i[leg + l] * w.i2;
        const float i2 = r[leg + l] * w.i2 + i[leg + l] * w.r2;
        const float r3 = r[3 * leg + l] * w.r3 - i[3 * leg + l] * w.i3;
        const float i3 = r[3 * leg + l] * w.i3 + i[3 * leg + l] * w.r3;
        const float even_sum_r = r[l] + r2;
        const float even_sum_i = i[l] + i2;
        const float even_difference_r = r[l] - r2;
        const float even_difference_i = i[l] - i2;
        const float odd_sum_r = r1 + r3;
        const float odd_sum_i = i1 + i3;
        const float odd_difference_r = r1 - r3;
        const float odd_difference_i = i1 - i3;
        r[l] = even_sum_r + odd_sum_r;
        i[l] = even_sum_i + odd_sum_i;
        r[leg + l] = even_difference_r + odd_difference_i;
        i[leg + l] = even_difference_i - odd_difference_r;
        r[2 * leg + l] = even_sum_r - odd_sum_r;
        i[2 * leg + l] = even_sum_i - odd_sum_i;
        r[3 * leg + l] = even_difference_r - odd_difference_i;
        i[3 * leg + l] = even_difference_i + odd_difference_r;
      }
    }
  }
}

// With Z the complex transform, m its length, n = 2 m:  2 E = Z[k] + conj Z[m-k],  2 O = -i (Z[k] - conj Z[m-k]),
// X[k] = E + exp(-2 pi i k / n) O,  X[m-k] = conj(E - exp(-2 pi i k / n) O).
EARSHOT_KERNEL void PowerSpectrum::power(float* re, const float* im, std::size_t rows, const Angle* angles) {
  for (std::size_t l = 0; l < kLanes; ++l) re[l] = (re[l] + im[l]) * (re[l] + im[l]);
  for (std::size_t k = 1; k <= rows / 2; ++k) {
    const Angle w = angles[k];
    float* const r0 = re + k * kLanes;
    float* const r1 = re + (rows - k) * kLanes;
    const float* const i0 = im + k * kLanes;
    const float* const i1 = im + (rows - k) * kLanes;
    EARSHOT_INDEPENDENT_LANES
    for (std::size_t l = 0; l < kLanes; ++l) {
      const float even_r = r0[l] + r1[l];
      const float even_i = i0[l] - i1[l];
      const float odd_r = i0[l] + i1[l];
      const float odd_i = r1[l] - r0[l];
      const float turned_r = w.cosine * odd_r + w.sine * odd_i;
      const float turned_i = w.cosine * odd_i - w.sine * odd_r;
      const float low_r = even_r + turned_r;
      const float low_i = even_i + turned_i;
      const float high_r = even_r - turned_r;
      const float high_i = even_i - turned_i;
      r0[l] = 0.25F * (low_r * low_r + low_i * low_i);
      r1[l] = 0.25F * (high_r * high_r + high_i * high_i);
    }
  }
}

}  // namespace earshot::audio
