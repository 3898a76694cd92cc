#include "earshot/contract/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <xxhash.h>

#include "earshot/contract/kernel.h"

namespace earshot {

namespace {

// Salmon et al. 2011, section 3.3: rounds, multipliers and Weyl constants of Philox4x32-10.
constexpr int kRounds = 10;
constexpr std::uint64_t kMultiply0 = 0xD2511F53;
constexpr std::uint64_t kMultiply1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

// One round of the block (c0, c1, c2, c3).
inline void philox_round(std::uint32_t& c0, std::uint32_t& c1, std::uint32_t& c2, std::uint32_t& c3, const Key& key) {
  const std::uint64_t product0 = kMultiply0 * c0;
  const std::uint64_t product1 = kMultiply1 * c2;
  c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ key[0];
  c1 = static_cast<std::uint32_t>(product1);
  c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ key[1];
  c3 = static_cast<std::uint32_t>(product0);
}

inline void next_key(Key& key) {
  key[0] += kWeyl0;
  key[1] += kWeyl1;
}

// Counter[0] and [1] count the blocks of a stream.
std::uint64_t count_of(const Counter& counter) { return counter[0] | std::uint64_t{counter[1]} << 32; }

constexpr std::size_t kLanes = 16;

// kLanes blocks side by side, from block `first` on; `out` takes their words, block by block.
EARSHOT_KERNEL void philox_blocks(std::uint64_t first, const Counter& counter, Key key, std::uint32_t* out) {
  std::array<std::uint32_t, kLanes> c0{};
  std::array<std::uint32_t, kLanes> c1{};
  std::array<std::uint32_t, kLanes> c2{};
  std::array<std::uint32_t, kLanes> c3{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    c0[lane] = static_cast<std::uint32_t>(first + lane);
    c1[lane] = static_cast<std::uint32_t>((first + lane) >> 32);
    c2[lane] = counter[2];
    c3[lane] = counter[3];
  }
  for (int round = 0; round < kRounds; ++round, next_key(key))
    for (std::size_t lane = 0; lane < kLanes; ++lane) philox_round(c0[lane], c1[lane], c2[lane], c3[lane], key);
  for (std::size_t lane = 0; lane < kLanes; ++lane, out += 4) {
    out[0] = c0[lane];
    out[1] = c1[lane];
    out[2] = c2[lane];
    out[3] = c3[lane];
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < kRounds; ++round, next_key(key))
    philox_round(counter[0], counter[1], counter[2], counter[3], key);
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

void Random::fill(std::span<std::uint32_t> out) noexcept {
  for (; used_ < 4 && !out.empty(); out = out.subspan(1)) out[0] = bits32();
  for (; out.size() >= 4 * kLanes; out = out.subspan(4 * kLanes)) {
    const std::uint64_t first = count_of(counter_);
    philox_blocks(first, counter_, key_, out.data());
    counter_[0] = static_cast<std::uint32_t>(first + kLanes);
    counter_[1] = static_cast<std::uint32_t>((first + kLanes) >> 32);
  }
  for (std::uint32_t& word : out) word = bits32();
}

namespace {

double unit_of(std::uint64_t high, std::uint64_t low) {
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1.0p-53;
}

}  // namespace

double Random::uniform() noexcept {
  const std::uint64_t high = bits32();
  return unit_of(high, bits32());
}

void Random::uniform(double low, double high, std::span<float> out) noexcept {
  constexpr std::size_t kPiece = 1024;
  std::array<std::uint32_t, 2 * kPiece> bits;
  while (!out.empty()) {
    const std::size_t count = std::min(kPiece, out.size());
    fill(std::span(bits).first(2 * count));
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<float>(low + (high - low) * unit_of(bits[2 * i], bits[2 * i + 1]));
    out = out.subspan(count);
  }
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
