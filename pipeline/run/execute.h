// What a node does with one envelope: reads its inputs, calls the stage, checks what comes back, writes the outputs.
// Nothing thrown by a stage leaves these functions; a failure becomes a tombstone and is charged to the item.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "envelope.h"
#include "pass_state.h"

namespace earshot::run {

// A map or selector on one item.
void execute_item(PassState& pass, const NodePlan& node, ItemEnvelope& item);

// Children of `item` at the expand `node`: envelopes of `region` without tokens, sequence numbers from
// `first_sequence`.
std::vector<ItemPtr> execute_expand(PassState& pass, const NodePlan& node, int region, const ItemPtr& item,
                                    std::int64_t first_sequence);

// All children of `parent` are back.
void execute_collapse(PassState& pass, const NodePlan& node, ItemEnvelope& parent);

// A batch map, a step, or a map row by row, on one batch.
void execute_batch(PassState& pass, const NodePlan& node, BatchEnvelope& batch);

// Rows at the inputs of a batch-level node.
struct Gathered {
  std::vector<std::vector<Row>> ports;  // by input port of the contract
};

// Runs a map on gathered inputs; an error is what the item ends of. `bound`: the most bytes of an output; 0: unknown.
Result<Outputs> run_map(const PassState& pass, const NodePlan& node, const Inputs& inputs, std::uint64_t hash,
                        std::string_view id, std::int64_t order, std::int64_t bound);
// A map, row by row, in parallel; outputs stay in the order of the rows.
BatchOutputs map_rows(const PassState& pass, const NodePlan& node, const BatchEnvelope& batch, Gathered& gathered);
Result<BatchOutputs> run_batch_map(const PassState& pass, const NodePlan& node, const BatchEnvelope& batch,
                                   const BatchInputs& inputs);

// Memory of bound_bytes, kept from item to item; by slot.
struct BoundScratch {
  std::vector<Footprint> known;    // bytes < 0: unknown
  std::vector<int> branch;         // the root's slot that it descends from
  std::vector<std::int64_t> need;  // largest input and output together, by branch
};

// The most bytes of payloads that are alive at once along an item's way, from the footprints of what the source gave.
// 0, unbounded, for an item with children: each of them has a bound of its own.
std::int64_t bound_bytes(const PassState& pass, const ItemEnvelope& item, BoundScratch& scratch);

}  // namespace earshot::run
