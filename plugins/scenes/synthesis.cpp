#include "synthesis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "earshot/contract/random.h"

namespace earshot::scenes {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kFade_s = 0.01;

double sine(double cycles) { return std::sin(kTwoPi * (cycles - std::floor(cycles))); }

// Cycles after t of an exponential sweep from a to b in `length`: a length / log(b/a) ((b/a)^(t/length) - 1).
double swept(double a, double b, double t, double length) {
  const double ratio = std::log(b / a);
  return a * length / ratio * std::expm1(ratio * t / length);
}

double bell(const Formula& f, double t) {
  constexpr std::array<double, 4> kPartials = {1.0, 2.76, 5.40, 8.93};  // of a free bar (Fletcher and Rossing)
  double sum = 0;
  for (std::size_t i = 0; i < kPartials.size(); ++i)
    if (f.a_hz * kPartials[i] < f.b_hz)
      sum += sine(f.a_hz * kPartials[i] * t) * std::exp(-t * 3.0 * static_cast<double>(i + 1)) /
             static_cast<double>(i + 1);
  return sum;
}

double buzz(const Formula& f, double t) {
  double sum = 0;
  for (double harmonic = 1; f.a_hz * harmonic < f.b_hz; ++harmonic) sum += sine(f.a_hz * harmonic * t) / harmonic;
  return sum * (1 + 0.3 * sine(f.rate_hz * t));
}

// The tonal families at time t.
double value(const Formula& f, double t) {
  const double beat = f.rate_hz > 0 ? t * f.rate_hz - std::floor(t * f.rate_hz) : 0;
  const double since = f.rate_hz > 0 ? beat / f.rate_hz : t;  // seconds since the last beat
  switch (f.family) {
    case Family::kTone:
      return sine(f.a_hz * t);
    case Family::kBell:
      return bell(f, since);
    case Family::kSweep:
      return sine(swept(f.a_hz, f.b_hz, t, f.length_s));
    case Family::kSiren: {
      const double depth = (f.b_hz - f.a_hz) / 2;
      return sine((f.a_hz + depth) * t - depth / (kTwoPi * f.rate_hz) * std::cos(kTwoPi * f.rate_hz * t));
    }
    case Family::kBeeps:
      return beat < 0.5 ? sine(f.a_hz * t) * std::sqrt(sine(beat)) : 0;
    case Family::kChirps: {
      const double length = 0.4 / f.rate_hz;
      return since < length ? sine(swept(f.a_hz, f.b_hz, since, length)) * sine(since / length / 2) : 0;
    }
    case Family::kClicks:
      return sine(f.a_hz * since) * std::exp(-since * f.b_hz);
    case Family::kBuzz:
      return buzz(f, t);
    case Family::kNoise:
    case Family::kBurst:
      break;
  }
  return 0;
}

// White noise through a low-pass at b and a high-pass at a, each of one pole, twice.
std::vector<double> noise(const Formula& f, std::size_t frames, double rate) {
  Random random(hash_name("noise", static_cast<std::uint64_t>(f.a_hz * 1000 + f.b_hz)), 0, "white");
  const double low = 1 - std::exp(-kTwoPi * f.b_hz / rate);
  const double high = 1 - std::exp(-kTwoPi * f.a_hz / rate);
  std::array<double, 4> pole{};
  std::vector<double> out(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const double t = static_cast<double>(i) / rate;
    double x = random.uniform(-1, 1);
    x = pole[0] += low * (x - pole[0]);
    x = pole[1] += low * (x - pole[1]);
    x -= pole[2] += high * (x - pole[2]);
    x -= pole[3] += high * (x - pole[3]);
    out[i] = x * (f.family == Family::kBurst ? std::exp(-4 * t / f.length_s) : 1 + 0.6 * sine(f.rate_hz * t));
  }
  return out;
}

}  // namespace

std::vector<float> synthesise(const Formula& formula, std::int64_t sample_rate_hz) {
  const auto rate = static_cast<double>(sample_rate_hz);
  const auto frames = static_cast<std::size_t>(std::llround(formula.length_s * rate));
  std::vector<double> sound;
  if (formula.family == Family::kNoise || formula.family == Family::kBurst) {
    sound = noise(formula, frames, rate);
  } else {
    sound.resize(frames);
    for (std::size_t i = 0; i < frames; ++i) sound[i] = value(formula, static_cast<double>(i) / rate);
  }

  double peak = 1e-9;
  for (const double sample : sound) peak = std::max(peak, std::abs(sample));
  std::vector<float> out(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const double edge = static_cast<double>(std::min(i, frames - 1 - i)) / (kFade_s * rate);
    out[i] = static_cast<float>(sound[i] / peak * std::min(1.0, edge));
  }
  return out;
}

}  // namespace earshot::scenes
