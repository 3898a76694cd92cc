// Stages of a graph: plugin, reserved keys and options, each checked against the plugin's description.
#pragma once

#include <vector>

#include "draft.h"
#include "earshot/pipeline/graph/check.h"
#include "findings.h"

namespace earshot::graph {

// Every stage of the tree, in its order. `parts` names the folders that are searched for a part to suggest.
std::vector<DraftStage> read_stages(const Table& tree, const Plugins& plugins,
                                    const std::vector<std::filesystem::path>& parts, Findings& findings);
// Whether a stage or flow may be called that: letters, digits, _ and -.
bool is_plain_name(std::string_view name);

}  // namespace earshot::graph
