// watch: rows at chosen outputs of a flow, for people and tools.
#include <algorithm>
#include <mutex>
#include <tuple>

#include "earshot/pipeline/run/runner.h"
#include "session.h"

namespace earshot::run {
namespace {

Result<graph::ResolvedFlow> find_flow(const graph::ResolvedGraph& graph, const std::string& name) {
  for (const graph::ResolvedFlow& flow : graph.flows)
    if (flow.name == name) return flow;
  std::string known;
  for (const graph::ResolvedFlow& flow : graph.flows) known += (known.empty() ? "" : ", ") + flow.name;
  return Error{ErrorCode::kInvalidArgument, "no flow is called '" + name + "'; there are: " + known};
}

// The nodes of `flow` to watch: those of one stage, or all that have outputs and neither learn nor collect.
Result<std::vector<int>> watched_nodes(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                       const std::string& stage) {
  std::vector<int> nodes;
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const graph::ResolvedStage& resolved = graph.stages[static_cast<std::size_t>(flow.nodes[i].stage)];
    const StageKind kind = resolved.description.kind;
    if (kind == StageKind::kStep || kind == StageKind::kCollect) continue;
    if (stage.empty() || resolved.name == stage) nodes.push_back(static_cast<int>(i));
  }
  if (nodes.empty())
    return Error{ErrorCode::kInvalidArgument, "flow '" + flow.name + "' has no stage '" + stage + "' with outputs"};
  return nodes;
}

// Rows as they were seen, by node and port.
class Watcher {
 public:
  Watcher(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow) : graph_(graph), flow_(flow) {}

  void watch(int node, std::vector<Tap>& taps) {
    const PluginDescription& description = stage_of(node).description;
    for (std::size_t port = 0; port < description.outputs.size(); ++port) {
      const std::string& view = flow_.nodes[static_cast<std::size_t>(node)].view;
      if (description.kind == StageKind::kSource && description.outputs[port].view != view) continue;
      taps.push_back({node, static_cast<int>(port), [this, node, port](std::int64_t sequence, const Row& row) {
                        const std::scoped_lock lock(mutex_);
                        seen_.push_back({node, static_cast<int>(port), sequence, row});
                      }});
    }
  }
  std::vector<Seen> rows() {
    std::stable_sort(seen_.begin(), seen_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.node, a.port, a.sequence) < std::tie(b.node, b.port, b.sequence);
    });
    std::vector<Seen> rows;
    for (Entry& entry : seen_) {
      const graph::ResolvedStage& stage = stage_of(entry.node);
      rows.push_back({stage.name, stage.description.outputs[static_cast<std::size_t>(entry.port)].name, entry.sequence,
                      std::move(entry.row)});
    }
    return rows;
  }

 private:
  struct Entry {
    int node;
    int port;
    std::int64_t sequence;
    Row row;
  };
  [[nodiscard]] const graph::ResolvedStage& stage_of(int node) const {
    return graph_.stages[static_cast<std::size_t>(flow_.nodes[static_cast<std::size_t>(node)].stage)];
  }

  const graph::ResolvedGraph& graph_;
  const graph::ResolvedFlow& flow_;
  std::mutex mutex_;
  std::vector<Entry> seen_;
};

}  // namespace

Result<std::vector<Seen>> watch(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue,
                                const Watch& what, const RunOptions& options) {
  const Result<graph::ResolvedFlow> whole = find_flow(graph, what.flow);
  if (!whole.ok()) return whole.error();
  Result<std::vector<int>> nodes = watched_nodes(graph, *whole, what.stage);
  if (!nodes.ok()) return nodes.error();
  graph::ResolvedFlow flow = prune(*whole, *nodes);
  flow.trains = what.training;
  flow.limit = what.limit;
  if (what.limit > 0) flow.batch = std::min(flow.batch, what.limit);
  if (!what.training) flow.shuffle = false;
  Progression progression;
  Session session(graph, catalogue, options, nullptr, progression);
  if (const Status ready = session.prepare(flow); !ready.ok()) return ready.error();
  if (!what.weights.empty())
    if (const Status loaded = session.load_weights_of(what.weights); !loaded.ok()) return loaded.error();
  const Result<FlowPlan> plan = plan_flow(graph, flow, session.stages(), graph.seed, 0);
  if (!plan.ok()) return plan.error();
  Watcher watcher(graph, flow);
  PassRequest asked = session.request(flow);
  for (const int node : *nodes) watcher.watch(node, asked.taps);
  const PassResult result = session.pass(flow, *plan, asked);
  if (result.error) return *result.error;
  if (options.progress != nullptr)
    for (const LostItem& lost : result.lost)
      options.progress->note(lost.id + " is left out: " + lost.failure.stage + ": " + lost.failure.error.message);
  if (result.stopped) return Error{ErrorCode::kCancelled, "the run was stopped"};
  return watcher.rows();
}

}  // namespace earshot::run
