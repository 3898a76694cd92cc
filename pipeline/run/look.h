// Look: what a pass would do with every item, counted node by node, and why. Used by the admitting thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cached_pass.h"
#include "earshot/pipeline/cache/entry.h"
#include "envelope.h"
#include "speeds.h"
#include "topology.h"

namespace earshot::run {

// Of one node.
struct NodeLook {
  std::int64_t items = 0;
  std::int64_t runs = 0;
  std::int64_t unknown_runs = 0;  // of those, of records that could not be opened: one part for each
  std::int64_t reads = 0;
  std::map<std::string, std::int64_t> reasons;  // of runs
  std::int64_t bytes_read = 0;                  // for what it runs
  std::int64_t value_bytes_read = 0;            // of its own values, for those behind it
  std::int64_t bytes_written = 0;
  std::int64_t values_written = 0;  // of bytes_written
  bool writes_more = false;
};

class Look {
 public:
  // Everything outlives it. `build` makes the instance of a node, whose outputs' size nothing else tells; `speeds` may
  // be null.
  Look(Topology& topology, const CachedPass& pass, const Speeds* speeds, std::function<Status(int node)> build);

  // Items with their stamps. Errors are kept for status().
  void see(std::span<const ItemPtr> items);
  [[nodiscard]] const std::vector<NodeLook>& nodes() const { return nodes_; }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void see(const ItemEnvelope& item);
  // Why the item misses at a node that it runs.
  std::string reason(const NodePlan& node, const ItemEnvelope& item);
  std::string changed_since(const NodePlan& node, const cache::Entry& latest);
  // The first cached node behind one that is not, for which it runs; null where nothing cached is.
  const NodePlan* asked_for_by(const NodePlan& node, const ItemEnvelope& item) const;
  // Of files, where the node is the first behind a source, and of values of the nodes before it.
  std::int64_t bytes_to_read(const NodePlan& node, const ItemEnvelope& item) const;
  // Of the files that a source's port, from which this input comes by selectors alone, is in.
  std::int64_t file_bytes(const InputSlot& input, const ItemEnvelope& item) const;
  void add_bytes_to_write(const NodePlan& node, const ItemEnvelope& item);
  // What a value of the node will take, packed; nothing where that is not known.
  std::optional<std::int64_t> value_bytes(const NodePlan& node, const ItemEnvelope& item);
  // Of what the node makes, of a segment or of all that the item means.
  std::optional<Footprint> footprint(const NodePlan& node, const ItemEnvelope& item, bool segment);

  Topology& topology_;
  const CachedPass& pass_;
  const Speeds* speeds_;
  std::function<Status(int node)> build_;
  std::vector<NodeLook> nodes_;
  std::map<std::pair<int, cache::DescriptionId>, std::string> changes_;  // texts of changed_since
  Status status_;
};

}  // namespace earshot::run
