// connect: the wires of a flow become links between ports of its nodes; bypassed stages are closed over.
#pragma once

#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// Fills in nodes and links. Unknown stages, views and ports, kinds that do not fit and inputs with two wires or none
// are findings.
void connect(const Draft& draft, DraftFlow& flow, Findings& findings);

}  // namespace earshot::graph
