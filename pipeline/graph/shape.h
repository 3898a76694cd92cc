// Shape: in which order the nodes of a flow run, on items, batches or streams, of which view, inside which expand.
#pragma once

#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// Fills in order, levels, views and expands. Cycles, item-level and batch-level inputs on one map, views joined outside
// a collect and children that meet whole items are findings. A flow that is not whole keeps what can be known.
void find_shape(const Draft& draft, DraftFlow& flow, Findings& findings);
// Nodes and edges of a whole flow with a known order, renumbered along it.
void finish_flow(DraftFlow& flow);
// Nodes from which `node` can be reached, itself included.
std::vector<bool> upstream_of(const DraftFlow& flow, int node);

}  // namespace earshot::graph
