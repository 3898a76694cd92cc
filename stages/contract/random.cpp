#include "earshot/contract/random.h"

#include <cmath>
#include <numbers>

#include <xxhash.h>

namespace earshot {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept {
  // Salmon et al. 2011, section 3.3: ten rounds, multipliers and Weyl constants of Philox4x32.
  constexpr std::uint64_t kMultiply0 = 0xD2511F53;
  constexpr std::uint64_t kMultiply1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiply0 * counter[0];
    const std::uint64_t product1 = kMultiply1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::uint64_t hash_name(std::string_view name, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed);
}

Random::Random(std::uint64_t seed, std::uint64_t stream, std::string_view name) noexcept {
  const std::uint64_t named = hash_name(name, stream);
  key_ = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  counter_ = {0, 0, static_cast<std::uint32_t>(named), static_cast<std::uint32_t>(named >> 32)};
}

std::uint32_t Random::bits32() noexcept {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

double Random::uniform() noexcept {
  const std::uint64_t high = bits32();
  const std::uint64_t low = bits32();
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1.0p-53;
}

std::int64_t Random::below(std::int64_t count) noexcept {
  if (count <= 1) return 0;
  // Rejection: the last, incomplete stretch of 2^64 is drawn again.
  const auto n = static_cast<std::uint64_t>(count);
  const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % n + 1) % n;
  for (;;) {
    const std::uint64_t high = bits32();
    const std::uint64_t bits = (high << 32) | bits32();
    if (bits <= limit) return static_cast<std::int64_t>(bits % n);
  }
}

double Random::normal() noexcept {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace earshot
