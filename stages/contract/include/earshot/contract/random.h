// Random: counter-based random numbers. A draw is a pure function of (seed, epoch, item or batch, stage name, draw
// name), so results depend on no thread, order or resume.
//
// Source: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace earshot {

// The four 32-bit words of block `counter` under `key`.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept;

// 64 well-mixed bits of a name; the same on every machine (XXH3).
std::uint64_t hash_name(std::string_view name, std::uint64_t seed = 0) noexcept;

// One stream of draws. Not thread-safe; make one where it is needed, it costs nothing.
class Random {
 public:
  // The stream `name` of the key `(seed, stream)`.
  Random(std::uint64_t seed, std::uint64_t stream, std::string_view name) noexcept;

  std::uint32_t bits32() noexcept;
  // As many draws of bits32() as `out` holds, in their order; several times as fast.
  void fill(std::span<std::uint32_t> out) noexcept;
  // Uniform in [0, 1), 53 bits.
  double uniform() noexcept;
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  // As many draws of uniform(low, high) as `out` holds, in their order; several times as fast.
  void uniform(double low, double high, std::span<float> out) noexcept;
  // Uniform in {0, ..., count - 1}, without modulo bias; 0 when count <= 1.
  std::int64_t below(std::int64_t count) noexcept;
  // Standard normal (Box-Muller).
  double normal() noexcept;

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace earshot
