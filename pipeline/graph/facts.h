// Facts: physical properties of ports (sample rate, front end, tokeniser), unified by equality over all flows together.
#pragma once

#include "draft.h"
#include "earshot/pipeline/graph/check.h"
#include "findings.h"

namespace earshot::graph {

// Fills in ResolvedStage::facts and the options that are "auto" until a fact decides them. A value comes from an
// explicit option or a constant, else from a declared default. Contradictions, per-item facts where one for all is
// needed and facts that nothing determines are findings. `complete`: everything before was right, so that what is
// missing is missing in the graph and not for another mistake.
void unify_facts(Draft& draft, const Plugins& plugins, bool complete, Findings& findings);

}  // namespace earshot::graph
