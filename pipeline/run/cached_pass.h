// CachedPass: which values of a flow a store keeps, the stamps of its items, and the stages that are built because an
// item needs them.
//
// Used by the admitting thread; what others call is const or says so. Invariant: a node that an item is stamped to run
// has its instance before the item starts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/pipeline/cache/key.h"
#include "earshot/pipeline/graph/resolved.h"
#include "envelope.h"
#include "keeper.h"
#include "stage_set.h"
#include "stamps.h"

namespace earshot::run {

// Rows of one call of a batch map whose values are kept, directly or behind it: the bits of a row depend on how many
// there are, so there are always as many, filled up with repetitions.
inline constexpr std::size_t kKeptRows = 8;
// Values of ranged stages are kept in segments of their source.
inline constexpr std::int64_t kSegment_ms = 5000;

class CachedPass {
 public:
  // Everything outlives it. Errors: those of the files that recipes name, of the store, of plugins that cannot be
  // loaded.
  static Result<std::unique_ptr<CachedPass>> make(Topology& topology, const graph::ResolvedGraph& graph,
                                                  const graph::ResolvedFlow& flow, const plugins::Catalogue& catalogue,
                                                  Keeper& keeper);

  [[nodiscard]] Keeper& keeper() const { return keeper_; }
  // Some value of a node in this region is kept, or of a node behind it.
  [[nodiscard]] bool touches(int region) const { return touched_[static_cast<std::size_t>(region)]; }
  // Keys of this region can only be made once the record is open: a range of it counts.
  [[nodiscard]] bool needs_record(int region) const { return opens_[static_cast<std::size_t>(region)]; }
  // The node's batches are always of kKeptRows rows. Any thread.
  [[nodiscard]] bool fixed_rows(int node) const { return spared_[static_cast<std::size_t>(node)]; }
  // How the values of an output are kept; null where they are not. Any thread.
  [[nodiscard]] const KeptPort* kept_port(int node, int port) const;

  // How the values of a node are made, weights aside: values of one form take about as many bytes.
  [[nodiscard]] std::string form(int node) const;
  [[nodiscard]] const cache::Recipe& recipe(int node) const { return recipes_[static_cast<std::size_t>(node)]; }
  // What a ranged node's values are parts of; null where it is not known yet.
  [[nodiscard]] PayloadPtr sound_of(const NodePlan& node, const ItemEnvelope& item) const;

  // The content ids of the source's ports that keys of the flow need; `files`: takes the bytes of the files behind
  // them.
  Result<std::map<int, std::string>> contents(const View& view, std::int64_t index, int root_node,
                                              std::map<int, std::int64_t>& files) const;
  // Gives the items of one region their stamps, with one question to the store. Items have their contents (of children:
  // their parent's) in stamps->contents. `claims`: what has to be run becomes theirs to compute.
  Status stamp_items(std::span<const ItemPtr> items, bool claims);

 private:
  CachedPass(Topology& topology, Keeper& keeper) : topology_(topology), keeper_(keeper) {}
  Status prepare(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                 const plugins::Catalogue& catalogue);
  // The class of machine that values of this recipe are of; empty where they are the same everywhere.
  [[nodiscard]] std::string machine_of(const cache::Recipe& recipe) const;
  void add_keys(const NodePlan& node, ItemEnvelope& item) const;
  [[nodiscard]] std::optional<std::string> contents_of(const cache::Recipe& recipe, const ItemEnvelope& item) const;
  [[nodiscard]] int root_of(const ItemEnvelope& item) const;
  void claim(ItemEnvelope& item) const;

  Topology& topology_;
  Keeper& keeper_;
  std::vector<cache::Recipe> recipes_;                       // by node
  std::vector<std::vector<std::optional<KeptPort>>> ports_;  // by node and port; empty where nothing is kept
  std::vector<bool> spared_;                                 // by node: hits alone may make it superfluous
  std::vector<bool> touched_;                                // by region
  std::vector<bool> opens_;                                  // by region
};

// By node of a flow: whether items may do without it because all that is behind it is kept.
std::vector<bool> spared_nodes(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow);

}  // namespace earshot::run
