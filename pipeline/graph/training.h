// What is trained, and what that forbids: parameter groups that match nothing, caches behind random or trained stages.
#pragma once

#include <span>

#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// A stage is trained when it is upstream of a step in a flow that a run entry trains, its plugin has parameters, and
// the graph does not say `trainable = false`.
void mark_trainable(Draft& draft, std::span<const ResolvedRun> runs);
void check_groups(const Draft& draft, Findings& findings);
void check_caches(const Draft& draft, Findings& findings);

}  // namespace earshot::graph
