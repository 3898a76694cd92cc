#include <algorithm>
#include <utility>

#include "keys.h"
#include "runs.h"

namespace earshot::graph {
namespace {

constexpr std::size_t kMostTurns = 1000;

}  // namespace

std::vector<std::vector<Assignment>> read_repeat_axes(const Table& tree, Findings& findings) {
  const Value* const repeat = tree.find("repeat");
  if (repeat == nullptr) return {};
  if (repeat->table() == nullptr) {
    findings.error(repeat->where, "\"repeat\" is " + describe(*repeat), "expected [repeat]");
    return {};
  }
  const Reader reader(*repeat->table(), "repeat", {"over"}, findings);
  const Table* const over = reader.table("over");
  if (reader.find("over") == nullptr)
    findings.error(repeat->key, "repeat does not say over what",
                   "expected over = { \"stage.corpus.fold\" = [1, 2, 3] }");
  if (over == nullptr) return {};
  std::vector<std::vector<Assignment>> axes;
  std::size_t turns = 1;
  for (const Assignment& axis : assignments_of(*over)) {
    const Array* const values = axis.value.array();
    if (values == nullptr || values->empty()) {
      findings.error(
          axis.value.where,
          "\"" + path_text(axis) + "\" of repeat is " + (values == nullptr ? describe(axis.value) : "an empty list"),
          "expected a list of values, one a turn");
      continue;
    }
    std::vector<Assignment> along;
    for (const Value& value : *values) along.push_back({axis.path, value});
    turns *= std::min(values->size(), kMostTurns + 1);
    if (turns > kMostTurns) {
      findings.error(axis.value.where, "repeat has more than " + std::to_string(kMostTurns) + " turns");
      return {};
    }
    axes.push_back(std::move(along));
  }
  return axes;
}

std::vector<std::vector<Assignment>> repeat_turns(const std::vector<std::vector<Assignment>>& axes) {
  if (axes.empty()) return {};
  std::vector<std::vector<Assignment>> turns = {{}};
  for (const std::vector<Assignment>& axis : axes) {
    std::vector<std::vector<Assignment>> longer;
    for (const std::vector<Assignment>& turn : turns)
      for (const Assignment& value : axis) {
        longer.push_back(turn);
        longer.back().push_back(value);
      }
    turns = std::move(longer);
  }
  return turns;
}

}  // namespace earshot::graph
