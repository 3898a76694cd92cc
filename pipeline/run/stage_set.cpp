#include "stage_set.h"

#include <chrono>
#include <numeric>

namespace earshot::run {

StageSet::StageSet(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue, ComputeLane& lane,
                   int compute_threads)
    : graph_(graph),
      catalogue_(catalogue),
      lane_(lane),
      compute_threads_(compute_threads),
      building_s_(graph.stages.size()),
      instances_(graph.stages.size()) {}

double StageSet::building_s() const { return std::accumulate(building_s_.begin(), building_s_.end(), 0.0); }

StageSet::~StageSet() {
  lane_.call([this] { instances_.clear(); });
}

Status StageSet::build(std::span<const int> stages) {
  for (const int stage : stages) {
    if (get(stage) != nullptr) continue;
    const auto begun = std::chrono::steady_clock::now();
    Status built;
    if (graph_.stages[static_cast<std::size_t>(stage)].description.compute_lane)
      lane_.call([&] { built = build_one(stage); });
    else
      built = build_one(stage);
    building_s_[static_cast<std::size_t>(stage)] +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (!built.ok()) return built;
  }
  return {};
}

Status StageSet::build_one(int stage) {
  const graph::ResolvedStage& resolved = graph_.stages[static_cast<std::size_t>(stage)];
  const Result<const PluginEntry*> entry = catalogue_.load(resolved.plugin);
  if (!entry.ok()) return entry.error();
  Setup setup;
  setup.stage = resolved.name;
  setup.facts = resolved.facts;
  setup.trainable = resolved.trainable;
  setup.compute_threads = compute_threads_;
  setup.seed = graph_.seed;
  for (const graph::ResolvedGroup& group : resolved.groups)
    setup.groups.push_back({group.match, group.lr, group.weight_decay, group.frozen});
  setup.device = resolved.device;
  setup.precision = resolved.precision;
  setup.contents = contents;
  Result<std::unique_ptr<Stage>> made = (*entry)->create(resolved.options, setup);
  if (!made.ok()) {
    Error error = made.error();
    error.message = "stage '" + resolved.name + "' (" + resolved.origin.file + ":" +
                    std::to_string(resolved.origin.line) + "): " + error.message;
    return error;
  }
  instances_[static_cast<std::size_t>(stage)] = std::move(*made);
  return {};
}

}  // namespace earshot::run
