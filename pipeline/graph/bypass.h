// Bypass: a stage is left out and the gap closed.
#pragma once

#include "draft.h"
#include "findings.h"

namespace earshot::graph {

// For each bypassed stage of the flow: what goes into its first input goes where its first output of that kind went.
// Wires from its other outputs go too where they end in an optional input; anything else is a finding.
void bypass_stages(const Draft& draft, DraftFlow& flow, Findings& findings);

}  // namespace earshot::graph
