#include "earshot/pipeline/graph/draw.h"
#include "tree.h"

namespace earshot::graph {
namespace {

std::string node_id(std::size_t flow, std::size_t node) {
  return "f" + std::to_string(flow) + "n" + std::to_string(node);
}

const char* shape(StageKind kind) {
  switch (kind) {
    case StageKind::kSource:
      return "cylinder";
    case StageKind::kStep:
    case StageKind::kCollect:
      return "doubleoctagon";
    default:
      return "box";
  }
}

}  // namespace

std::string draw_dot(const ResolvedGraph& graph) {
  std::string out = "digraph " + to_quoted(graph.title) + " {\n  rankdir = LR;\n";
  for (std::size_t f = 0; f < graph.flows.size(); ++f) {
    const ResolvedFlow& flow = graph.flows[f];
    out += "  subgraph cluster_" + std::to_string(f) + " {\n    label = " + to_quoted("flow." + flow.name) + ";\n";
    for (std::size_t n = 0; n < flow.nodes.size(); ++n) {
      const ResolvedStage& stage = graph.stages[static_cast<std::size_t>(flow.nodes[n].stage)];
      const bool view = stage.description.kind == StageKind::kSource && !flow.nodes[n].view.empty();
      const std::string name = view ? stage.name + "." + flow.nodes[n].view : stage.name;
      const std::string label = stage.plugin == stage.name ? name : name + "\n" + stage.plugin;
      out += "    " + node_id(f, n) + " [label = " + to_quoted(label) + ", shape = " + shape(stage.description.kind) +
             "];\n";
    }
    for (const ResolvedEdge& edge : flow.edges) {
      const ResolvedNode& from = flow.nodes[static_cast<std::size_t>(edge.from)];
      const ResolvedStage& stage = graph.stages[static_cast<std::size_t>(from.stage)];
      const std::string& kind = stage.description.outputs[static_cast<std::size_t>(edge.from_port)].kind;
      out += "    " + node_id(f, static_cast<std::size_t>(edge.from)) + " -> " +
             node_id(f, static_cast<std::size_t>(edge.to)) + " [label = " + to_quoted(kind) + "];\n";
    }
    out += "  }\n";
  }
  return out + "}\n";
}

}  // namespace earshot::graph
