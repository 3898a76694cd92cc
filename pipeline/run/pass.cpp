#include "earshot/pipeline/run/pass.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include "admission.h"
#include "cached_pass.h"
#include "earshot/contract/random.h"
#include "flow_graph.h"
#include "stage_set.h"

namespace earshot::run {
namespace {

constexpr std::int64_t kDefaultBudgetBytes = std::int64_t{1} << 30;

// Records of a shard in the view's own order.
EpochPlan plan_in_order(const graph::ResolvedFlow& flow, const View& view, std::int64_t size, const Shard& shard) {
  EpochPlan plan;
  for (std::int64_t i = 0; i < size; ++i) {
    if (shard.count > 1 && !shard.holds(view.header(i).id)) continue;
    if (plan.empty() || std::ssize(plan.back()) >= flow.batch) plan.emplace_back();
    plan.back().push_back(i);
  }
  return plan;
}

EpochPlan plan_view(const graph::ResolvedFlow& flow, const View& view, std::uint64_t seed, std::int64_t epoch,
                    const Shard& shard) {
  std::int64_t size = view.size();
  if (flow.limit > 0) size = std::min(size, flow.limit);
  if (!flow.shuffle) return plan_in_order(flow, view, size, shard);
  std::vector<RecordHeader> headers;
  headers.reserve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) headers.push_back(view.header(i));
  return plan_epoch(headers, {flow.batch, flow.shuffle, flow.weights}, seed, epoch);
}

void fill_in_end(PassState& pass, const Admission& admission, PassResult& result) {
  result.items = pass.accounts.conservation();
  result.lost = pass.accounts.lost_items();
  result.reports = std::move(pass.reports);
  result.batches = admission.batches();
  result.warnings = admission.warnings();
  for (const NodePlan& node : pass.topology.nodes) {
    const NodeWork& work = pass.work[static_cast<std::size_t>(node.index)];
    const bool stamped = pass.cached != nullptr && pass.cached->touches(node.region);
    const bool sampled = !stamped && !node.batch && node.description->kind == StageKind::kMap;  // one item in eight
    const double running_s = static_cast<double>(work.run_ns.load()) * 1e-9 * (sampled ? 8 : 1);
    const double reading_s = static_cast<double>(work.read_ns.load()) * 1e-9;
    result.work.push_back({.stage = node.resolved->name,
                           .seconds = running_s + reading_s,
                           .reading_s = reading_s,
                           .items = work.items,
                           .runs = work.runs,
                           .reads = work.reads,
                           .kept_bytes = work.kept_bytes,
                           .kept_values = work.kept_values,
                           .form = pass.cached == nullptr ? "" : pass.cached->form(node.index)});
  }
  result.error = pass.accounts.fatal_error();
  if (const std::optional<Error> broken = pass.broken_by()) result.error = broken;
  result.stopped = !result.error && pass.request.stop && pass.request.stop();
  if (!result.items.holds()) result.error = Error{ErrorCode::kInternal, "items were lost: " + result.items.text()};
}

}  // namespace

bool Shard::holds(std::string_view id) const {
  return count <= 1 || static_cast<std::int64_t>(hash_name(id) % static_cast<std::uint64_t>(count)) == index;
}

std::int64_t FlowPlan::records() const {
  std::int64_t sum = 0;
  for (const EpochPlan& plan : plans)
    for (const auto& batch : plan) sum += static_cast<std::int64_t>(batch.size());
  return sum;
}

std::int64_t FlowPlan::batches() const {
  std::size_t longest = 0;
  for (const EpochPlan& plan : plans) longest = std::max(longest, plan.size());
  return static_cast<std::int64_t>(longest);
}

Result<FlowPlan> plan_flow(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, const StageSet& stages,
                           std::uint64_t seed, std::int64_t epoch, const Shard& shard) {
  FlowPlan plan;
  for (const graph::ResolvedNode& node : flow.nodes) {
    const graph::ResolvedStage& stage = graph.stages[static_cast<std::size_t>(node.stage)];
    if (stage.description.kind != StageKind::kSource) continue;
    Result<std::unique_ptr<View>> view =
        static_cast<const Source&>(*stages.get(node.stage)).open(node.view, flow.split);
    if (!view.ok())
      return Error{view.error().code, "stage '" + stage.name + "', view '" + node.view + "': " + view.error().message};
    plan.plans.push_back(plan_view(flow, **view, seed, epoch, shard));
    plan.views.push_back(std::move(*view));
  }
  return plan;
}

namespace {

// The instance of a node that an item needs after all.
Status build(Topology& topology, StageSet& stages, int node) {
  NodePlan& plan = topology.nodes[static_cast<std::size_t>(node)];
  if (plan.instance != nullptr) return {};
  if (Status built = stages.build(std::span(&plan.stage, 1)); !built.ok()) return built;
  plan.instance = stages.get(plan.stage);
  return {};
}

}  // namespace

PassResult run_pass(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, StageSet& stages,
                    ComputeLane& lane, const FlowPlan& plan, const PassRequest& request) {
  PassResult result;
  const auto begun = std::chrono::steady_clock::now();
  const double building_s = stages.building_s();
  Result<Topology> topology = Topology::make(graph, flow, stages);
  if (!topology.ok()) {
    result.error = topology.error();
    return result;
  }
  const std::int64_t items = flow.budget_items > 0
                                 ? flow.budget_items
                                 : std::max<std::int64_t>(3 * flow.batch, std::int64_t{8} * request.threads);
  const std::int64_t bytes = flow.budget_bytes > 0 ? flow.budget_bytes : kDefaultBudgetBytes;
  PassState pass(*topology, flow, request, lane, plan.records(), items, bytes);
  std::unique_ptr<CachedPass> cached;
  if (request.keeper != nullptr) {
    Result<std::unique_ptr<CachedPass>> made =
        CachedPass::make(*topology, graph, flow, stages.catalogue(), *request.keeper);
    if (!made.ok()) {
      result.error = made.error();
      return result;
    }
    cached = *std::move(made);
    pass.cached = cached.get();
  }
  lane.restart();
  const tbb::global_control workers(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(request.threads) + 1);
  tbb::task_arena arena(request.threads + 1, /*reserved_for_masters=*/1);  // this thread waits in it at the end
  std::unique_ptr<FlowGraph> graph_of_nodes;
  arena.execute([&] { graph_of_nodes = std::make_unique<FlowGraph>(pass, arena); });
  Admission admission(
      pass, plan, [&](std::vector<ItemPtr> rows) { graph_of_nodes->start(std::move(rows)); },
      [&](int node) { return build(*topology, stages, node); });
  admission.run();
  graph_of_nodes->finish();
  graph_of_nodes.reset();
  fill_in_end(pass, admission, result);
  if (request.keeper != nullptr)
    if (const Status committed = request.keeper->commit(); !committed.ok() && !result.error)
      result.error = committed.error();
  result.admission_s = admission.busy_s() - (stages.building_s() - building_s);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return result;
}

graph::ResolvedFlow prune(const graph::ResolvedFlow& flow, std::vector<int>& nodes) {
  std::vector<bool> needed(flow.nodes.size(), false);
  for (const int node : nodes) needed[static_cast<std::size_t>(node)] = true;
  for (std::size_t i = flow.nodes.size(); i-- > 0;)
    for (const graph::ResolvedEdge& edge : flow.edges)
      if (edge.to == static_cast<int>(i) && needed[i]) needed[static_cast<std::size_t>(edge.from)] = true;
  std::vector<int> moved(flow.nodes.size(), -1);
  graph::ResolvedFlow pruned = flow;
  pruned.nodes.clear();
  pruned.edges.clear();
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    if (!needed[i]) continue;
    moved[i] = static_cast<int>(pruned.nodes.size());
    pruned.nodes.push_back(flow.nodes[i]);
  }
  for (graph::ResolvedNode& node : pruned.nodes)
    if (node.expand >= 0) node.expand = moved[static_cast<std::size_t>(node.expand)];
  for (graph::ResolvedEdge edge : flow.edges) {
    edge.from = moved[static_cast<std::size_t>(edge.from)];
    edge.to = moved[static_cast<std::size_t>(edge.to)];
    if (edge.from >= 0 && edge.to >= 0) pruned.edges.push_back(edge);
  }
  for (int& node : nodes) node = moved[static_cast<std::size_t>(node)];
  return pruned;
}

}  // namespace earshot::run
