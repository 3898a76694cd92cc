// run_pass: once over (a part of) a flow, on one oneTBB flow graph.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/stage.h"
#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/run/outcome.h"
#include "earshot/pipeline/run/plan_epoch.h"
#include "earshot/pipeline/run/shard.h"

namespace earshot::plugins {
class Catalogue;
}

namespace earshot::run {

class ComputeLane;
class Keeper;
class StageSet;

// Watches one output of one node. Called from any thread, in no order; `sequence` orders the rows.
struct Tap {
  int node = 0;
  int port = 0;
  std::function<void(std::int64_t sequence, const Row& row)> see;
};

struct PassRequest {
  std::uint64_t seed = 1;
  std::int64_t epoch = 0;
  std::int64_t first_step = 0;
  std::int64_t total_steps = 0;
  bool training = false;
  int threads = 2;                // flow-graph workers
  std::int64_t first_batch = 0;   // of the plan: where this pass starts
  std::int64_t batch_count = -1;  // -1 = to the end
  std::vector<Tap> taps;
  Keeper* keeper = nullptr;    // values that stages keep; null: nothing is kept. Not owned
  std::function<bool()> stop;  // asked between batches: no more are admitted once it says true
  std::function<void(std::int64_t step, std::span<const Metric>)> on_step;    // on the compute lane
  std::function<void(std::int64_t ended, std::int64_t planned)> on_progress;  // from the admitting thread, often
};

struct StageReport {
  std::string stage;
  Report report;
};

// What a stage did in a pass. Seconds are summed over threads.
struct StageWork {
  std::string stage;
  double seconds = 0;
  double reading_s = 0;  // of those, for items whose values were kept already
  // Where values are kept:
  std::int64_t items = 0;       // that came to it
  std::int64_t runs = 0;        // that it computed
  std::int64_t reads = 0;       // that it read
  std::int64_t kept_bytes = 0;  // of the values that it kept
  std::int64_t kept_values = 0;
  std::string form;  // how they were made, weights aside
};

struct PassResult {
  Conservation items;
  std::vector<LostItem> lost;
  std::vector<StageReport> reports;  // of the collects
  std::vector<StageWork> work;       // by node of the flow
  double seconds = 0;                // from the first record to the last end
  double admission_s = 0;            // of those, spent on records before they start, one after the other
  std::vector<std::string> warnings;
  std::int64_t batches = 0;    // that were admitted
  bool stopped = false;        // by the request's stop
  std::optional<Error> error;  // the pass failed
};

// Headers of the records of every source view of a flow, and the batches of an epoch of each.
struct FlowPlan {
  std::vector<std::unique_ptr<View>> views;    // by source node of the flow, in order
  std::vector<EpochPlan> plans;                // the same
  [[nodiscard]] std::int64_t records() const;  // in all plans
  [[nodiscard]] std::int64_t batches() const;  // of the longest plan
};

// Opens the flow's views and plans one epoch of the records of a shard. Precondition: the stages of the flow's sources
// are built; a flow that is shuffled has one shard.
Result<FlowPlan> plan_flow(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, const StageSet& stages,
                           std::uint64_t seed, std::int64_t epoch, const Shard& shard = {});

// Precondition: all stages of the flow are built, those aside that items may be spared (with a keeper): they are built
// when the first item needs them. Never throws; failures are in the result.
PassResult run_pass(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, StageSet& stages,
                    ComputeLane& lane, const FlowPlan& plan, const PassRequest& request);

// The part of a flow that `nodes` need: they and everything upstream. Node numbers change; `nodes` is updated.
graph::ResolvedFlow prune(const graph::ResolvedFlow& flow, std::vector<int>& nodes);

}  // namespace earshot::run
