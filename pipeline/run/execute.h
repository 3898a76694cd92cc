// What a node does with one envelope: reads its inputs, calls the stage, checks what comes back, writes the outputs.
// Nothing thrown by a stage leaves these functions; a failure becomes a tombstone and is charged to the item.
#pragma once

#include <span>
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
