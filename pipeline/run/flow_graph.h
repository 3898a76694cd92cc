// FlowGraph: one oneTBB flow graph for one pass. A chain of maps, or any other stage, is a node, a wire between them an
// edge, an envelope a message.
//
// Joins are countdowns in the envelope. Maps that follow one another without a branch are one node, so an item stays on
// one core. (oneTBB's lightweight nodes would do the same, but run under a lock of their predecessor: one item at a
// time.) Every node starts tasks of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <tbb/flow_graph.h>
#include <tbb/task_arena.h>

#include "pass_state.h"
#include "streams.h"

namespace earshot::run {

class FlowGraph {
 public:
  // Everything runs in `arena`; call inside it.
  FlowGraph(PassState& pass, tbb::task_arena& arena);
  ~FlowGraph();
  FlowGraph(const FlowGraph&) = delete;
  FlowGraph& operator=(const FlowGraph&) = delete;

  // Starts items behind the nodes that ran while they were admitted.
  void start(std::vector<ItemPtr> items);
  // Waits until nothing moves, then ends the collects.
  void finish();

 private:
  using Receiver = tbb::flow::receiver<Message>;
  using Sender = tbb::flow::sender<Message>;
  struct Ends {
    Receiver* in = nullptr;
    Sender* out = nullptr;
  };

  void start_one(const ItemPtr& item);
  // Runs `work` on a worker; the graph is not finished before.
  void on_worker(std::function<void()> work);

  // False when what the node reads for the item is still being computed by an earlier one: `again` is called then.
  bool ready(const NodePlan& node, const ItemEnvelope& item, const std::function<void()>& again);
  Receiver& receiver_of(const NodePlan& node) { return *ends_[static_cast<std::size_t>(node.index)].in; }

  void make_node(const NodePlan& node);
  // `chain`: maps, each the only one behind the one before.
  void make_maps(std::vector<const NodePlan*> chain);
  void make_batch(const NodePlan& node);
  void make_lane(const NodePlan& node);
  void make_collapse(const NodePlan& node);
  void make_collect(const NodePlan& node);
  // Where a message from node `from` enters node `to`.
  Receiver& receiver(int from, int to);
  // The map that continues the chain of `node`; null where the chain ends.
  [[nodiscard]] const NodePlan* next_in_chain(const NodePlan& node) const;
  // The batch that is ready at `node` because of `message`; null when it waits for more.
  static BatchPtr batch_ready(const NodePlan& node, const Message& message);
  // Says that nothing is behind `node` for this item.
  static void reach_sink(const NodePlan& node, ItemEnvelope& item);

  PassState& pass_;
  tbb::task_arena& arena_;
  tbb::flow::graph graph_;
  std::vector<std::unique_ptr<tbb::flow::graph_node>> owned_;
  std::vector<Ends> ends_;
  std::vector<std::unique_ptr<Streams>> streams_;
  std::map<std::pair<int, int>, Receiver*> collects_;  // by predecessor and collect
};

}  // namespace earshot::run
