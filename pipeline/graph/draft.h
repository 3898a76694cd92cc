// Draft: a graph between the file and its resolved form. Stages and ports are indices by now, but anything may still be
// unknown (-1, null): one mistake must not hide the others.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/pipeline/graph/resolved.h"
#include "tree.h"

namespace earshot::graph {

struct DraftStage {
  ResolvedStage resolved;
  const PluginDescription* description = nullptr;  // null: no such plugin
  Span header;
  Span plugin;
  Span cache;
  std::map<std::string, Span> given;  // place of each option that the graph gives
  std::vector<Span> group_spans;      // of each resolved group's `match`
  std::optional<Span> bypass;         // present when it is bypassed
  std::optional<bool> trainable;      // as the graph says
};

// An output wired to an input. An end that is unknown is -1, so that the other one still counts as wired.
struct DraftLink {
  int from = -1;
  int from_port = -1;
  int to = -1;
  int to_port = -1;
  Span from_span;
  Span to_span;
  std::string wire;
};

// Instead of a source node.
inline constexpr int kSeveral = -1;
inline constexpr int kUnknown = -2;

struct DraftNode {
  int stage = 0;
  std::string view;  // of a source; of others once the shape is known
  Span mention;      // where the flow first names it
  Level level = Level::kItem;
  int expand = -1;
  int source = kSeveral;  // the source node that feeds it
  bool gone = false;      // bypassed
};

struct DraftFlow {
  ResolvedFlow resolved;  // keys of the flow; nodes and edges come last
  const Table* table = nullptr;
  Span header;
  std::vector<DraftNode> nodes;
  std::vector<DraftLink> links;
  std::vector<int> order;  // topological; empty while unknown
  bool whole = true;       // nothing structural was wrong
};

struct Draft {
  std::vector<DraftStage> stages;
  std::vector<DraftFlow> flows;

  [[nodiscard]] const PluginDescription* description(const DraftFlow& flow, int node) const {
    if (node < 0) return nullptr;
    return stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(node)].stage)].description;
  }
  [[nodiscard]] const DraftStage& stage(const DraftFlow& flow, int node) const {
    return stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(node)].stage)];
  }
};

// `stage "logmel"`, with the plugin where it has another name: `stage "audio" (passt)`.
inline std::string called(const DraftStage& stage) {
  const std::string& name = stage.resolved.name;
  return "\"" + name + "\"" + (stage.resolved.plugin == name ? "" : " (" + stage.resolved.plugin + ")");
}

}  // namespace earshot::graph
