// The test wave and generator that the check values of the tests were computed from (PyTorch 1.13, reference modules):
// x[n] = 0.4 sin(2 pi 440 n / sr) + 0.2 sin(2 pi 1234.5 n / sr + 0.3) + 0.05 u(n, 7), float32.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace earshot::testing {

// All arithmetic mod 2^32; in [-0.5, 0.5).
inline double u(std::uint32_t k, std::uint32_t h) {
  std::uint32_t x = 2654435761U * k + 40503U * h;
  x ^= x >> 16;
  x *= 2246822519U;
  x ^= x >> 13;
  x *= 3266489917U;
  x ^= x >> 16;
  return static_cast<double>(x) / 4294967296.0 - 0.5;
}

inline std::vector<float> test_wave(std::int64_t sample_rate_hz, double length_s) {
  const auto rate = static_cast<double>(sample_rate_hz);
  std::vector<float> wave(static_cast<std::size_t>(rate * length_s));
  for (std::size_t n = 0; n < wave.size(); ++n) {
    const double t = 2 * std::numbers::pi * static_cast<double>(n) / rate;
    wave[n] = static_cast<float>(0.4 * std::sin(440 * t) + 0.2 * std::sin(1234.5 * t + 0.3) +
                                 0.05 * u(static_cast<std::uint32_t>(n), 7));
  }
  return wave;
}

}  // namespace earshot::testing
