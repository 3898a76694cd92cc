#include "topology.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace earshot::run {
namespace {

Error unsupported(const NodePlan& node, const std::string& what) {
  return {ErrorCode::kUnsupported, "stage '" + node.resolved->name + "' (" + node.resolved->origin.file + ":" +
                                       std::to_string(node.resolved->origin.line) + "): " + what};
}

void describe_nodes(Topology& topology, const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                    const StageSet& stages) {
  topology.nodes.resize(flow.nodes.size());
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    NodePlan& node = topology.nodes[i];
    node.index = static_cast<int>(i);
    node.stage = flow.nodes[i].stage;
    node.resolved = &graph.stages[static_cast<std::size_t>(node.stage)];
    node.description = &node.resolved->description;
    node.instance = stages.get(node.stage);
    node.batch = flow.nodes[i].level == graph::Level::kBatch;
    for (const PortDescription& port : node.description->inputs) node.input_names.push_back(port.name);
  }
}

// A region a source node, a region an expand; every other node belongs where its predecessors do.
void assign_regions(Topology& topology, const graph::ResolvedFlow& flow) {
  for (NodePlan& node : topology.nodes)
    if (node.description->kind == StageKind::kSource) {
      node.region = static_cast<int>(topology.regions.size());
      topology.regions.push_back({.root_node = node.index});
    }
  for (NodePlan& node : topology.nodes) {
    if (node.description->kind == StageKind::kSource) continue;
    for (const graph::ResolvedEdge& edge : flow.edges) {
      if (edge.to != node.index) continue;
      const NodePlan& from = topology.nodes[static_cast<std::size_t>(edge.from)];
      node.region = from.region;
      if (from.description->kind == StageKind::kExpand) {
        for (std::size_t r = 0; r < topology.regions.size(); ++r)
          if (topology.regions[r].root_node == edge.from) node.region = static_cast<int>(r);
      }
      if (node.description->kind == StageKind::kCollapse) {
        Region& children = topology.regions[static_cast<std::size_t>(node.region)];
        children.collapse_node = node.index;
        node.region = children.parent;
      }
      break;
    }
    if (node.description->kind == StageKind::kExpand) {
      topology.regions[static_cast<std::size_t>(node.region)].expands.push_back(node.index);
      topology.regions.push_back({.root_node = node.index, .parent = node.region});
    }
  }
}

void assign_slots(Topology& topology, const graph::ResolvedFlow& flow) {
  for (NodePlan& node : topology.nodes) {
    const bool expand = node.description->kind == StageKind::kExpand;
    int region_index = node.region;
    if (expand)
      for (std::size_t r = 0; r < topology.regions.size(); ++r)
        if (topology.regions[r].root_node == node.index) region_index = static_cast<int>(r);
    Region& region = topology.regions[static_cast<std::size_t>(region_index)];
    for (std::size_t port = 0; port < node.description->outputs.size(); ++port) {
      node.output_slots.push_back(region.slots++);
      node.consumers.push_back(
          static_cast<int>(std::count_if(flow.edges.begin(), flow.edges.end(), [&](const graph::ResolvedEdge& edge) {
            return edge.from == node.index && edge.from_port == static_cast<int>(port);
          })));
    }
  }
}

void connect(Topology& topology, const graph::ResolvedFlow& flow) {
  for (NodePlan& node : topology.nodes) {
    std::set<int> before;
    for (const graph::ResolvedEdge& edge : flow.edges) {
      if (edge.to != node.index) continue;
      NodePlan& from = topology.nodes[static_cast<std::size_t>(edge.from)];
      node.inputs.push_back({edge.to_port, edge.from, from.output_slots[static_cast<std::size_t>(edge.from_port)]});
      if (before.insert(edge.from).second) from.successors.push_back(node.index);
    }
    std::stable_sort(node.inputs.begin(), node.inputs.end(),
                     [](const InputSlot& a, const InputSlot& b) { return a.port < b.port; });
    node.arrivals = static_cast<int>(before.size());
    Region& region = topology.regions[static_cast<std::size_t>(node.region)];
    region.nodes.push_back(node.index);
    node.counter = region.counters++;
    if (node.arrivals > 1) region.joins = true;
    if (node.batch) region.has_batches = true;
    if (node.batch && node.description->compute_lane) node.lane_position = region.lane_nodes++;
  }
}

// Everything before an expand runs while items are admitted, and so do selectors: what they choose decides what a cache
// has of the item.
void mark_admission(Topology& topology) {
  for (NodePlan& node : topology.nodes) {
    const bool at_admission = std::all_of(node.inputs.begin(), node.inputs.end(), [&](const InputSlot& input) {
      return topology.nodes[static_cast<std::size_t>(input.from_node)].admission;
    });
    node.admission =
        node.description->kind == StageKind::kSource || (node.description->header_only && !node.batch && at_admission);
  }
  for (auto node = topology.nodes.rbegin(); node != topology.nodes.rend(); ++node) {
    const StageKind kind = node->description->kind;
    if (kind == StageKind::kSource || kind == StageKind::kExpand) node->admission = true;
    if (!node->admission) continue;
    for (const InputSlot& input : node->inputs)
      topology.nodes[static_cast<std::size_t>(input.from_node)].admission = true;
  }
}

bool delivers(const NodePlan& node) {
  return node.description->kind == StageKind::kCollect || node.description->kind == StageKind::kCollapse;
}

// An item is done when it reached every item-level end, and its batch every batch-level one.
void count_sinks(Topology& topology) {
  for (NodePlan& node : topology.nodes) {
    node.sink = node.successors.empty();
    Region& region = topology.regions[static_cast<std::size_t>(node.region)];
    if (node.batch) ++region.batch_tasks;
    if (node.sink && !node.batch && !node.admission && node.description->kind != StageKind::kCollect) ++region.sinks;
    const bool expand = node.description->kind == StageKind::kExpand;
    for (const int successor : node.successors) {
      if (expand && delivers(topology.nodes[static_cast<std::size_t>(successor)])) {
        for (Region& children : topology.regions)
          if (children.root_node == node.index) ++children.sinks;
        continue;
      }
      if (!delivers(topology.nodes[static_cast<std::size_t>(successor)])) continue;
      if (node.batch)
        ++region.batch_tasks;
      else
        ++region.sinks;
    }
  }
  for (Region& region : topology.regions)
    if (region.has_batches) ++region.sinks;
}

Status refuse_what_cannot_run(const Topology& topology) {
  for (const NodePlan& node : topology.nodes) {
    const StageKind kind = node.description->kind;
    if (kind == StageKind::kExpand && topology.regions[static_cast<std::size_t>(node.region)].parent >= 0)
      return unsupported(node, "an expand behind another expand; collapse the first one before");
    if (node.admission && node.batch)
      return unsupported(node, "works on batches before an expand; put the expand directly behind the source");
    if (kind == StageKind::kCollapse && node.arrivals != 1)
      return unsupported(node, "collapses children that come from several stages; join them before");
    if (kind == StageKind::kMap && node.description->compute_lane)
      return unsupported(node, "a map on the compute lane; the plugin must be a batch map");
  }
  return {};
}

}  // namespace

Result<Topology> Topology::make(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                const StageSet& stages) {
  Topology topology;
  describe_nodes(topology, graph, flow, stages);
  assign_regions(topology, flow);
  assign_slots(topology, flow);
  connect(topology, flow);
  mark_admission(topology);
  count_sinks(topology);
  if (const Status status = refuse_what_cannot_run(topology); !status.ok()) return status.error();
  return topology;
}

}  // namespace earshot::run
