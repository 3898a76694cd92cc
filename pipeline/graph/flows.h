// Flows of a graph: their keys, and their wires as links between ports.
#pragma once

#include <string>
#include <vector>

#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// Every flow of the tree, in its order, wires connected and bypassed stages closed over.
void read_flows(const Table& tree, Draft& draft, Findings& findings);
// The keys of a flow that are not wires; `base` is what they are where the table says nothing.
ResolvedFlow read_flow_keys(const Table& table, const std::string& name, ResolvedFlow base, Findings& findings);
// Keys of a flow that a run entry's `set` may change.
const std::vector<std::string>& settable_flow_keys();

}  // namespace earshot::graph
