// Plugins that are not there, and those that would do.
#pragma once

#include "draft.h"
#include "earshot/pipeline/graph/check.h"
#include "findings.h"

namespace earshot::graph {

// A finding for every stage whose plugin is unknown, with the plugins that take and give what its wires carry.
void report_unknown_plugins(const Draft& draft, const Plugins& plugins, Findings& findings);

}  // namespace earshot::graph
