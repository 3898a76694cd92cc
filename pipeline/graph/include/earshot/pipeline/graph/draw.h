// draw: the picture of a resolved graph, one for each flow. The graph file draws it and nothing else does.
#pragma once

#include <string>

#include "earshot/pipeline/graph/resolved.h"

namespace earshot::graph {

// Box characters in UTF-8, sources on the left; a wire between two rows carries the name of its output.
std::string draw_text(const ResolvedGraph& graph);
// Graphviz: a cluster for each flow, wires labelled with the kind of what they carry.
std::string draw_dot(const ResolvedGraph& graph);

}  // namespace earshot::graph
