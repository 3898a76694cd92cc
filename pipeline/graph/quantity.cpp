#include "earshot/pipeline/graph/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "earshot/pipeline/graph/nearest.h"

namespace earshot::graph {
namespace {

// A unit as a fraction of the first one of its dimension, so that "10 ms" is exactly 10 / 1000.
struct Unit {
  std::string_view name;
  std::string_view dimension;
  double times;
  double over;
};

constexpr std::array kUnits = {
    Unit{"Hz", "frequency", 1, 1},
    Unit{"kHz", "frequency", 1e3, 1},
    Unit{"MHz", "frequency", 1e6, 1},
    Unit{"us", "time", 1, 1e6},
    Unit{"ms", "time", 1, 1e3},
    Unit{"s", "time", 1, 1},
    Unit{"min", "time", 60, 1},
    Unit{"h", "time", 3600, 1},
    Unit{"B", "size", 1, 1},
    Unit{"kB", "size", 1e3, 1},
    Unit{"MB", "size", 1e6, 1},
    Unit{"GB", "size", 1e9, 1},
    Unit{"TB", "size", 1e12, 1},
    Unit{"KiB", "size", 1024.0, 1},
    Unit{"MiB", "size", 1024.0 * 1024, 1},
    Unit{"GiB", "size", 1024.0 * 1024 * 1024, 1},
    Unit{"TiB", "size", 1024.0 * 1024 * 1024 * 1024, 1},
};

const Unit* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

std::vector<std::string> accepted(std::string_view unit) {
  if (unit.empty()) return {"%"};
  const Unit* const known = find_unit(unit);
  if (known == nullptr) return {std::string(unit)};
  std::vector<std::string> names;
  for (const Unit& other : kUnits)
    if (other.dimension == known->dimension) names.emplace_back(other.name);
  return names;
}

Error invalid(std::string_view unit, const std::string& what) {
  return {ErrorCode::kInvalidArgument, what + "expected " + expected_quantity(unit)};
}

}  // namespace

std::string expected_quantity(std::string_view unit) {
  if (unit.empty()) return "a number, or a share in %";
  const std::vector<std::string> names = accepted(unit);
  std::string out = "a number in " + names.front();
  for (std::size_t i = 1; i < names.size(); ++i) out += (i + 1 == names.size() ? " or " : ", ") + names[i];
  return out;
}

Result<double> read_quantity(std::string_view text, std::string_view unit) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || !std::isfinite(number)) return invalid(unit, "");
  std::string_view given = text.substr(static_cast<std::size_t>(end - text.data()));
  given.remove_prefix(std::min(given.find_first_not_of(' '), given.size()));
  if (given.empty()) return invalid(unit, unit.empty() ? "a number is not a text: " : "it has no unit: ");
  if (given == unit) return number;
  if (given == "%" && unit.empty()) return number / 100;
  const Unit* const from = find_unit(given);
  const Unit* const to = find_unit(unit);
  if (from == nullptr || to == nullptr || from->dimension != to->dimension) {
    const std::string meant = did_you_mean(given, accepted(unit));
    return invalid(unit, meant.empty() ? "" : meant + " ");
  }
  return number * (from->times * to->over) / (from->over * to->times);
}

}  // namespace earshot::graph
