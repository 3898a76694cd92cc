#include "stamps.h"

#include <algorithm>

namespace earshot::run {
namespace {

// Whether every value of the node that the item needs is kept already.
bool is_there(const ItemStamps& stamps, int node) {
  bool any = false;
  for (const Kept& kept : stamps.kept) {
    if (kept.node != node) continue;
    if (!kept.there()) return false;
    any = true;
  }
  return any;
}

// A ranged stage whose values are kept computes what it lacks from its source by itself.
bool asks_its_inputs(const ItemStamps& stamps, const NodePlan& node) { return !stamps.sounds.contains(node.index); }

}  // namespace

std::vector<const Kept*> ItemStamps::of_node(int node) const {
  std::vector<const Kept*> found;
  for (const Kept& one : kept)
    if (one.node == node) found.push_back(&one);
  return found;
}

void stamp(const Topology& topology, int region, bool inherited, ItemStamps& stamps) {
  if (!inherited) stamps.nodes.assign(topology.nodes.size(), Stamp::kRun);
  for (auto node = topology.nodes.rbegin(); node != topology.nodes.rend(); ++node) {
    if (inherited && node->region != region) continue;
    Stamp& mine = stamps.nodes[static_cast<std::size_t>(node->index)];
    const bool asked = std::ranges::any_of(node->successors, [&](int successor) {
      const NodePlan& next = topology.nodes[static_cast<std::size_t>(successor)];
      return stamps.of(successor) == Stamp::kRun && asks_its_inputs(stamps, next);
    });
    const bool there = node->region == region && is_there(stamps, node->index);
    if (there)
      mine = asked ? Stamp::kRead : Stamp::kNotNeeded;
    else
      mine = asked || node->sink ? Stamp::kRun : Stamp::kNotNeeded;
    stamps.reads = stamps.reads || mine == Stamp::kRead;
  }
}

Stamp work_of(const Topology& topology, const ItemStamps& stamps, int node) {
  const Stamp mine = stamps.of(node);
  if (mine == Stamp::kRun || stamps.sounds.empty()) return mine;
  const std::vector<int>& behind = topology.nodes[static_cast<std::size_t>(node)].successors;
  const bool used = std::ranges::any_of(
      behind, [&](int next) { return stamps.sounds.contains(next) && work_of(topology, stamps, next) == Stamp::kRun; });
  if (!used) return mine;
  return is_there(stamps, node) ? Stamp::kRead : Stamp::kRun;
}

}  // namespace earshot::run
