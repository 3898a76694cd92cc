#include "earshot/audio/finite.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace earshot::audio {
namespace {

// IEEE 754: an exponent of all ones is infinity or NaN.
bool any_non_finite(std::span<const float> samples) {
  constexpr std::uint32_t kExponent = 0x7F800000U;
  std::uint32_t found = 0;
  for (const float sample : samples) found |= (std::bit_cast<std::uint32_t>(sample) & kExponent) == kExponent ? 1U : 0U;
  return found != 0;
}

}  // namespace

std::optional<std::size_t> first_non_finite(std::span<const float> samples) {
  constexpr std::size_t kBlock = 4096;
  for (std::size_t at = 0; at < samples.size(); at += kBlock) {
    const auto block = samples.subspan(at, std::min(kBlock, samples.size() - at));
    if (!any_non_finite(block)) continue;
    const auto bad = std::ranges::find_if(block, [](float sample) { return !std::isfinite(sample); });
    return at + static_cast<std::size_t>(bad - block.begin());
  }
  return std::nullopt;
}

}  // namespace earshot::audio
