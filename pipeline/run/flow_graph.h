// FlowGraph: one oneTBB flow graph for one pass. A stage is a node, a wire an edge, an envelope a message.
//
// Joins are countdowns in the envelope. A map behind a map runs where its predecessor ran (lightweight), so an item
// stays on one core; the first map, everything on batches and everything that delivers starts a task of its own.
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

  void make_node(const NodePlan& node);
  void make_map(const NodePlan& node);
  void make_batch(const NodePlan& node);
  void make_lane(const NodePlan& node);
  void make_collapse(const NodePlan& node);
  void make_collect(const NodePlan& node);
  // Where a message from node `from` enters node `to`.
  Receiver& receiver(int from, int to);
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
