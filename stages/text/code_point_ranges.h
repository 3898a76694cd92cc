// Sets of code points as ascending ranges, both ends within.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace earshot::text {

using CodePointRange = std::pair<std::int32_t, std::int32_t>;

template <std::size_t kCount>
constexpr bool holds(const std::array<CodePointRange, kCount>& ranges, std::int32_t c) {
  const auto* const after = std::ranges::upper_bound(ranges, c, {}, &CodePointRange::first);
  return after != ranges.begin() && c <= std::prev(after)->second;
}

}  // namespace earshot::text
