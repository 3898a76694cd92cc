// Stamps: what every node does for one item, decided before the item starts: run, read a kept value, or nothing because
// no later stage needs it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/payload.h"
#include "keeper.h"
#include "topology.h"

namespace earshot::run {

enum class Stamp : std::uint8_t { kRun, kRead, kNotNeeded };

// Of one item. Nodes of other regions than its own are as its parent stamped them.
struct ItemStamps {
  std::vector<Stamp> nodes;             // by node of the flow
  std::vector<Kept> kept;               // of the nodes of the item's region
  std::map<int, PayloadPtr> sounds;     // by ranged node whose values are kept: what it asks for ranges
  std::map<int, std::string> contents;  // by port of the source: content ids
  std::vector<std::uint8_t> waited;     // by node that begins a chain of maps: 1 + where in it the item is
  bool reads = false;                   // some node reads: bounds from the header do not hold behind it
  bool settled = false;                 // nothing is to be looked up for it
  std::map<int, std::int64_t> files;    // by port of the source: bytes of the files that its contents are in
  // Where it is only looked at:
  bool unknown = false;  // its contents are not hashed: it has no keys
  bool changed = false;  // they were, before they changed

  [[nodiscard]] Stamp of(int node) const { return nodes[static_cast<std::size_t>(node)]; }
  [[nodiscard]] std::uint8_t* waited_at(int node) { return &waited[static_cast<std::size_t>(node)]; }
  // Of one node, by port and segment.
  [[nodiscard]] std::vector<const Kept*> of_node(int node) const;
};

// Walks back from the ends of a flow. `stamps.kept` says what is there; nodes outside `region` keep the stamp that they
// have where `inherited`, else they run. A pure function: admission and plan both call it.
void stamp(const Topology& topology, int region, bool inherited, ItemStamps& stamps);

// What comes of a node's stamp: a ranged node whose values are kept runs those before it by itself, segment by segment,
// though they are stamped as not needed.
Stamp work_of(const Topology& topology, const ItemStamps& stamps, int node);

}  // namespace earshot::run
