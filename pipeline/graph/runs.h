// Runs: the [[run]] entries of a graph, what they train, and the turns of [repeat].
#pragma once

#include <vector>

#include "assignment.h"
#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// The entries in order, each with its flows under its own `set`. Flows of the draft must be finished.
std::vector<ResolvedRun> read_runs(const Table& tree, const Draft& draft, Findings& findings);

// The values of [repeat] along each of its axes; empty without one.
std::vector<std::vector<Assignment>> read_repeat_axes(const Table& tree, Findings& findings);
// Every combination of the axes' values, the last axis fastest: one turn each.
std::vector<std::vector<Assignment>> repeat_turns(const std::vector<std::vector<Assignment>>& axes);
// A value as an option would hold it, units not resolved.
OptionValue plain_value(const Value& value);

}  // namespace earshot::graph
