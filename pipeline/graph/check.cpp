#include "earshot/pipeline/graph/check.h"

#include <utility>

#include "facts.h"
#include "flows.h"
#include "keys.h"
#include "layers.h"
#include "runs.h"
#include "shape.h"
#include "stages.h"
#include "training.h"
#include "unknown_plugins.h"
#include "write_toml.h"

namespace earshot::graph {
namespace {

const std::vector<std::string>& graph_keys() {
  static const std::vector<std::string> kKeys = {"format", "title", "extends", "use", "seed",
                                                 "cache",  "stage", "flow",    "run", "repeat"};
  return kKeys;
}

// One tree, with its turn of [repeat] applied, to a graph. Complete only where `findings` stays without errors.
class Resolver {
 public:
  Resolver(const std::filesystem::path& file, const std::vector<std::filesystem::path>& part_folders,
           const Plugins& plugins, Findings& findings)
      : file_(file), part_folders_(part_folders), plugins_(plugins), findings_(findings) {}

  ResolvedGraph resolve(const Table& tree) {
    const std::size_t before = findings_.errors();
    ResolvedGraph graph = read_head(tree);
    Draft draft;
    draft.stages = read_stages(tree, plugins_, part_folders_, findings_);
    read_flows(tree, draft, findings_);
    report_unknown_plugins(draft, plugins_, findings_);
    if (draft.flows.empty() && tree.find("flow") == nullptr)
      findings_.error({{graph.file, 1, 1}, 1}, "the graph has no flow", "expected [flow.NAME] with wires");
    for (DraftFlow& flow : draft.flows) find_shape(draft, flow, findings_);
    unify_facts(draft, plugins_, findings_.errors() == before, findings_);
    for (DraftFlow& flow : draft.flows)
      if (flow.whole) finish_flow(flow);
    graph.runs = read_runs(tree, draft, findings_);
    mark_trainable(draft, graph.runs);
    check_groups(draft, findings_);
    check_caches(draft, findings_);
    for (const DraftStage& stage : draft.stages) graph.stages.push_back(stage.resolved);
    for (const DraftFlow& flow : draft.flows) graph.flows.push_back(flow.resolved);
    if (findings_.errors() == before) graph.text = write_toml(graph, draft, tree);
    return graph;
  }

 private:
  ResolvedGraph read_head(const Table& tree) {
    const Reader reader(tree, "the graph", graph_keys(), findings_);
    ResolvedGraph graph;
    graph.file = file_.generic_string();
    graph.title = reader.text("title").value_or(file_.stem().string());
    graph.seed = static_cast<std::uint64_t>(reader.whole("seed", 0).value_or(1));
    if (const Table* const cache = reader.table("cache")) {
      const Reader inner(*cache, "cache", {"path", "quota"}, findings_);
      graph.cache_path = inner.text("path").value_or("");
      graph.cache_quota = inner.bytes("quota").value_or(0);
    }
    return graph;
  }

  const std::filesystem::path& file_;
  const std::vector<std::filesystem::path>& part_folders_;
  const Plugins& plugins_;
  Findings& findings_;
};

Table with_turn(const Table& tree, const std::vector<Assignment>& turn, Findings& findings) {
  Table out = tree;
  for (const Assignment& assignment : turn) assign(out, assignment, findings);
  return out;
}

// How many turns may be checked of a graph of that size, so that a check ends.
std::size_t most_turns(const ResolvedGraph& graph) {
  constexpr std::size_t kWork = 100000;
  std::size_t size = 1 + graph.stages.size();
  for (const ResolvedFlow& flow : graph.flows) size += flow.edges.size();
  return kWork / size;
}

// Each value of each axis once, the other axes at their first: a mistake in a value shows, whatever turn it is in.
void check_other_turns(Resolver& resolver, const Table& tree, const std::vector<std::vector<Assignment>>& axes,
                       std::size_t most, Findings& findings) {
  for (std::size_t axis = 0; axis < axes.size(); ++axis)
    for (std::size_t value = 1; value < axes[axis].size() && most > 0; ++value, --most) {
      std::vector<Assignment> turn;
      for (std::size_t other = 0; other < axes.size(); ++other) turn.push_back(axes[other][other == axis ? value : 0]);
      static_cast<void>(resolver.resolve(with_turn(tree, turn, findings)));
    }
}

}  // namespace

CheckResult check(const std::filesystem::path& file, const Overrides& overrides, const Plugins& plugins) {
  Sources sources;
  Findings findings(sources);
  CheckResult result;
  if (const std::optional<Layers> layers = load_layers(file, overrides, sources, findings)) {
    const Table& tree = layers->tree;
    Resolver resolver(file, layers->part_folders, plugins, findings);
    const std::vector<std::vector<Assignment>> axes = read_repeat_axes(tree, findings);
    const std::vector<std::vector<Assignment>> turns = repeat_turns(axes);
    const std::vector<Assignment> turn =
        turns.empty() ? std::vector<Assignment>() : turns[std::min(overrides.turn, turns.size() - 1)];
    ResolvedGraph graph = resolver.resolve(with_turn(tree, turn, findings));
    if (overrides.turn == 0) check_other_turns(resolver, tree, axes, most_turns(graph), findings);
    for (const std::vector<Assignment>& one : turns) {
      RepeatValue value;
      for (const Assignment& assignment : one) value.set[path_text(assignment)] = plain_value(assignment.value);
      graph.repeats.push_back(std::move(value));
    }
    if (findings.errors() == 0) result.graph = std::move(graph);
  }
  result.diagnostics = findings.sorted();
  return result;
}

}  // namespace earshot::graph
