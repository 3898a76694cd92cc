// OptionValue: the value of an option as a graph file gives it, after units were resolved.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace earshot {

struct Auto {
  friend bool operator==(const Auto&, const Auto&) = default;
};

struct OptionValue {
  using List = std::vector<OptionValue>;
  std::variant<Auto, bool, std::int64_t, double, std::string, List> content;

  friend bool operator==(const OptionValue& a, const OptionValue& b) { return a.content == b.content; }
};

using OptionValues = std::map<std::string, OptionValue, std::less<>>;

// Canonical text: auto, true, 3, 0.5, "text", [1, 2]. Doubles in the shortest form that reads back to the same bits.
std::string to_text(const OptionValue& value);

}  // namespace earshot
