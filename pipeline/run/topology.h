// Topology: what the runtime must know of a flow before an item moves, worked out once from the resolved flow.
//
// A region is the set of nodes that one envelope visits: a source view, or the children of one expand. Every output of
// a region's nodes has a slot. Nodes up to an expand read headers only and run on the admitting thread.
#pragma once

#include <string>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/contract/stage.h"
#include "earshot/pipeline/graph/resolved.h"
#include "stage_set.h"

namespace earshot::run {

struct InputSlot {
  int port = 0;
  int from_node = 0;
  int slot = 0;  // in the region of from_node
};

struct NodePlan {
  int index = 0;
  int stage = 0;
  const graph::ResolvedStage* resolved = nullptr;
  const PluginDescription* description = nullptr;
  Stage* instance = nullptr;
  int region = 0;
  bool batch = false;                    // Level::kBatch
  bool admission = false;                // runs on the admitting thread
  int arrivals = 0;                      // distinct predecessor nodes
  int lane_position = -1;                // among the region's batch nodes on the compute lane
  int counter = -1;                      // of the envelope's countdown of arrivals
  std::vector<InputSlot> inputs;         // wired ones, by port
  std::vector<std::string> input_names;  // every input port of the contract
  std::vector<int> output_slots;         // of the ports that this node has (of a source: those of its view)
  std::vector<int> consumers;            // per output: how many inputs read it
  std::vector<int> successors;           // distinct nodes
  bool sink = false;                     // nothing behind it
};

struct Region {
  int root_node = 0;       // the source node, or the expand node
  int parent = -1;         // region of the expand
  std::vector<int> nodes;  // in topological order
  int slots = 0;
  int counters = 0;
  bool joins = false;   // some node waits for several predecessors: only then an item counts arrivals
  int sinks = 0;        // arrivals that every item must make before it counts as done
  int batch_tasks = 0;  // executions and deliveries after which a batch is finished
  int lane_nodes = 0;
  int collapse_node = -1;    // where children return to the parent's region; -1 when they never do
  std::vector<int> expands;  // expand nodes inside
  bool has_batches = false;
};

struct Topology {
  std::vector<NodePlan> nodes;
  std::vector<Region> regions;  // regions of sources first, in the order of their nodes

  static Result<Topology> make(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                               const StageSet& stages);
};

}  // namespace earshot::run
