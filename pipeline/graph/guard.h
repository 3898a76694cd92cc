// The guard before the TOML parser: what would make it abort, read outside of its tables or recurse too deep.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::graph {

inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

// The first thing that the parser must not see, with its place; `message` is empty where there is none.
struct Refusal {
  int line = 1;
  int column = 1;  // in code points
  int length = 1;
  std::string message;
};

Refusal refuse(std::string_view text);
// The lines of a text without their ends and without a byte order mark.
std::vector<std::string_view> split_lines(std::string_view text);

}  // namespace earshot::graph
