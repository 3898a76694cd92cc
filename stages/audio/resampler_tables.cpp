#include "resampler_tables.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

namespace earshot::audio {
namespace {

constexpr double kPassBand = 0.913;      // of the lower Nyquist frequency
constexpr double kAttenuation_db = 105;  // a little more than promised: single precision and interpolation take some
constexpr std::int64_t kShortestCycle = 32;
constexpr double kFineSteps = 1024;

// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

using Row = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
using HalfRow = float __attribute__((vector_size(kLanes / 2 * sizeof(float)), aligned(4), may_alias));

// Whether a row fits one register. Where it does not, g++ 12 keeps whole rows in memory, ten times slower than halves.
bool has_whole_rows() {
#if defined(__x86_64__)
  static const bool kThere = __builtin_cpu_supports("avx512f") != 0;
  return kThere;
#else
  return false;
#endif
}

// dot_rows() for the lanes of one R.
template <class R>
[[gnu::always_inline]] inline void sum_rows(const float* tile, const float* coefficients, std::size_t rows,
                                            float* sums) {
  R sum0{};
  R sum1{};
  R sum2{};
  R sum3{};
  for (std::size_t row = 0; row < rows; ++row) {
    const R input = *reinterpret_cast<const R*>(tile + row * kLanes);
    const float* const c = coefficients + row * PhaseTable::kGroup;
    sum0 += c[0] * input;
    sum1 += c[1] * input;
    sum2 += c[2] * input;
    sum3 += c[3] * input;
  }
  *reinterpret_cast<R*>(sums) = sum0;
  *reinterpret_cast<R*>(sums + kLanes) = sum1;
  *reinterpret_cast<R*>(sums + 2 * kLanes) = sum2;
  *reinterpret_cast<R*>(sums + 3 * kLanes) = sum3;
}

}  // namespace

KaiserSinc::KaiserSinc(double ratio) {
  const double nyquist = 0.5 * std::min(1.0, ratio);
  const double transition = (1 - kPassBand) * nyquist;
  cutoff_ = nyquist - transition / 2;
  half_width_ = (kAttenuation_db - 7.95) / (14.36 * transition) / 2;
  reach_ = static_cast<std::int64_t>(std::ceil(half_width_));
}

double KaiserSinc::value(double t) const {
  if (std::abs(t) >= half_width_) return 0;
  const double beta = 0.1102 * (kAttenuation_db - 8.7);
  const double x = t / half_width_;
  const double angle = 2 * std::numbers::pi * cutoff_ * t;
  const double sinc = angle == 0 ? 1 : std::sin(angle) / angle;
  return sinc * bessel_i0(beta * std::sqrt(1 - x * x));
}

std::vector<double> KaiserSinc::coefficients(double fraction) const {
  std::vector<double> taps(static_cast<std::size_t>(2 * reach_));
  for (std::size_t k = 0; k < taps.size(); ++k)
    taps[k] = value(static_cast<double>(static_cast<std::int64_t>(k) - reach_ + 1) - fraction);
  const double sum = std::reduce(taps.begin(), taps.end());
  for (double& tap : taps) tap /= sum;
  return taps;
}

PhaseTable::PhaseTable(const KaiserSinc& filter, std::int64_t up, std::int64_t down)
    : cycle_out(round_up(kShortestCycle, up)), cycle_in(cycle_out / up * down) {
  const auto base = [up, down](std::int64_t n) { return n * down / up; };
  const std::int64_t taps = 2 * filter.reach();
  rows = 0;
  for (std::int64_t first = 0; first < cycle_out; first += kGroup)
    rows = std::max(rows, base(first + kGroup - 1) - base(first) + taps);
  for (std::int64_t first = 0; first < cycle_out; first += kGroup) {
    groups.push_back({base(first), coefficients.size()});
    coefficients.resize(coefficients.size() + static_cast<std::size_t>(rows * kGroup));
    float* const group = coefficients.data() + groups.back().first_coefficient;
    for (std::int64_t i = 0; i < std::min(kGroup, cycle_out - first); ++i) {
      const std::int64_t n = first + i;
      const auto set = filter.coefficients(static_cast<double>(n * down % up) / static_cast<double>(up));
      for (std::int64_t k = 0; k < taps; ++k)
        group[(base(n) - base(first) + k) * kGroup + i] = static_cast<float>(set[static_cast<std::size_t>(k)]);
    }
  }
}

FineTable::FineTable(const KaiserSinc& filter, double ratio)
    : steps(std::max<std::int64_t>(16, static_cast<std::int64_t>(std::ceil(kFineSteps * std::min(1.0, ratio))))),
      taps(static_cast<std::size_t>(round_up(2 * filter.reach(), kLanes))),
      coefficients(static_cast<std::size_t>(steps + 1) * taps) {
  for (std::int64_t step = 0; step <= steps; ++step) {
    const auto set = filter.coefficients(static_cast<double>(step) / static_cast<double>(steps));
    std::transform(set.begin(), set.end(), coefficients.begin() + step * static_cast<std::int64_t>(taps),
                   [](double value) { return static_cast<float>(value); });
  }
}

EARSHOT_KERNEL void dot_whole_rows(const float* tile, const float* coefficients, std::size_t rows, float* sums) {
  sum_rows<Row>(tile, coefficients, rows, sums);
}

EARSHOT_KERNEL void dot_half_rows(const float* tile, const float* coefficients, std::size_t rows, float* sums) {
  sum_rows<HalfRow>(tile, coefficients, rows, sums);
  sum_rows<HalfRow>(tile + kLanes / 2, coefficients, rows, sums + kLanes / 2);
}

void dot_rows(const float* tile, const float* coefficients, std::size_t rows, float* sums) {
  has_whole_rows() ? dot_whole_rows(tile, coefficients, rows, sums) : dot_half_rows(tile, coefficients, rows, sums);
}

EARSHOT_KERNEL float dot_mixed(const float* input, const float* first, const float* second, std::size_t taps,
                               float mix) {
  Row sum_first{};
  Row sum_second{};
  for (std::size_t k = 0; k < taps; k += kLanes) {
    const Row x = *reinterpret_cast<const Row*>(input + k);
    sum_first += x * *reinterpret_cast<const Row*>(first + k);
    sum_second += x * *reinterpret_cast<const Row*>(second + k);
  }
  const Row mixed = sum_first + mix * (sum_second - sum_first);
  float total = 0;
  for (std::size_t l = 0; l < kLanes; ++l) total += mixed[l];
  return total;
}

}  // namespace earshot::audio
