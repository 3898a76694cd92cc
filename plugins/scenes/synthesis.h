// Sounds by formula, for machines without recordings and for tests.
#pragma once

#include <cstdint>
#include <vector>

namespace earshot::scenes {

enum class Family : std::uint8_t {
  kTone,    // sin(2 pi a t), held
  kBell,    // partials a (1, 2.76, 5.40, 8.93), each decaying: a struck bar
  kSweep,   // frequency from a to b, exponential in time
  kSiren,   // frequency swings between a and b, `rate` times a second
  kBeeps,   // tone a, on and off `rate` times a second
  kChirps,  // short sweeps a to b, `rate` times a second
  kClicks,  // resonances at a, decaying in 1/b s, `rate` a second
  kBuzz,    // sawtooth of a, harmonics below b, trembling `rate` times a second
  kNoise,   // noise between a and b, swelling `rate` times a second
  kBurst,   // noise between a and b, dying away
};

struct Formula {
  Family family = Family::kTone;
  double a_hz = 440;
  double b_hz = 880;
  double rate_hz = 0;
  double length_s = 1;
};

// [frame] samples within [-1, 1], the same on every call. Preconditions: 0 < a_hz, b_hz < sample_rate_hz / 2.
std::vector<float> synthesise(const Formula& formula, std::int64_t sample_rate_hz);

}  // namespace earshot::scenes
