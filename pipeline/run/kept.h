// What nodes do for items whose values a store keeps: read them, compute what is missing of them, keep what was
// computed. Beside execute.h, for items with stamps.
#pragma once

#include <optional>

#include "envelope.h"
#include "execute.h"
#include "pass_state.h"

namespace earshot::run {

// The outputs of a node that is stamped not to run, or that computes segment by segment; null payloads where nothing
// needs them. Nothing where the node runs as it would without a cache.
std::optional<Result<Outputs>> instead_of_running(PassState& pass, const NodePlan& node, ItemEnvelope& item);

// Keeps what a node gave, where its values are kept, and gives back what goes on: what will be read later.
Result<Outputs> keep_outputs(PassState& pass, const NodePlan& node, ItemEnvelope& item, Outputs outputs);

// A batch-level node whose rows may be spared: computes the rows that are stamped to run, in batches of kKeptRows of
// one shape each, reads the others, and gives all in the order of the batch.
BatchOutputs execute_spared_batch(PassState& pass, const NodePlan& node, BatchEnvelope& batch, Gathered& gathered);

}  // namespace earshot::run
