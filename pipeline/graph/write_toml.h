// The resolved graph as TOML: every value with where it comes from. Checked again, it gives the same graph.
#pragma once

#include <string>

#include "draft.h"

namespace earshot::graph {

std::string write_toml(const ResolvedGraph& graph, const Draft& draft, const Table& tree);
// STAGE, STAGE.PORT or SOURCE.VIEW.PORT of one side of an edge.
std::string output_name(const ResolvedStage& stage, int port);
std::string input_name(const ResolvedStage& stage, int port);

}  // namespace earshot::graph
