#include "earshot/pipeline/run/runner.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "earshot/pipeline/run/forecast.h"
#include "session.h"

namespace earshot::run {
namespace {

using nlohmann::ordered_json;

// Mean over the turns of [repeat] of every metric that all of them have, as results of turn -1.
std::vector<FlowResult> joined(const std::vector<FlowResult>& results) {
  std::vector<FlowResult> means;
  for (const FlowResult& result : results) {
    const auto same = [&](const FlowResult& other) { return other.flow == result.flow && other.stage == result.stage; };
    if (result.repeat < 0 || std::any_of(means.begin(), means.end(), same)) continue;
    FlowResult mean = result;
    mean.repeat = -1;
    mean.report.metrics.clear();
    for (const Metric& metric : result.report.metrics) {
      double sum = 0;
      double chance = 0;
      int count = 0;
      for (const FlowResult& other : results)
        if (same(other))
          for (const Metric& value : other.report.metrics)
            if (value.name == metric.name) {
              sum += value.value;
              chance += value.chance.value_or(0);
              ++count;
            }
      Metric joined_metric{.name = metric.name, .value = sum / count};
      if (metric.chance) joined_metric.chance = chance / count;
      mean.report.metrics.push_back(joined_metric);
    }
    means.push_back(std::move(mean));
  }
  return means;
}

Status write_joined(report::RunFolder& folder, const std::vector<FlowResult>& means) {
  for (const FlowResult& mean : means) {
    ordered_json line = {{"repeat", "all"}, {"flow", mean.flow}, {"stage", mean.stage}};
    for (const Metric& metric : mean.report.metrics) line[metric.name] = metric.value;
    if (Status written = folder.append_line("metrics.jsonl", line); !written.ok()) return written;
  }
  return {};
}

Status write_graph(report::RunFolder& folder, const graph::ResolvedGraph& graph, const RunOptions& options) {
  if (Status written = folder.replace("graph.toml", graph.text); !written.ok()) return written;
  ordered_json versions = {{"earshot", EARSHOT_VERSION},
                           {"compiler", __VERSION__},
                           {"threads", options.threads},
                           {"compute_threads", options.compute_threads}};
  for (const graph::ResolvedStage& stage : graph.stages)
    versions["plugins"][stage.plugin] = stage.description.algorithm;
  return folder.replace("versions.json", versions.dump(2) + "\n");
}

RunSummary summary_of(const Progression& progression, RunEnd end) {
  RunSummary summary{.end = end, .items = progression.items, .results = progression.results};
  for (FlowResult& mean : joined(progression.results)) summary.results.push_back(std::move(mean));
  return summary;
}

graph::ResolvedGraph limited_runs(graph::ResolvedGraph graph, std::int64_t limit) {
  for (graph::ResolvedRun& entry : graph.runs)
    for (graph::ResolvedFlow& flow : entry.flows) flow = limited(std::move(flow), limit);
  return graph;
}

// Whether what the first pass over every flow would write fits into the quota.
Status check_quota(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue, const RunOptions& options) {
  if (graph.cache_quota == 0) return {};
  const Result<std::unique_ptr<Forecaster>> forecaster = Forecaster::open(graph, catalogue, options);
  if (!forecaster.ok()) return forecaster.error();
  std::int64_t bytes = 0;
  std::vector<std::string> seen;
  for (const graph::ResolvedRun& entry : graph.runs)
    for (const graph::ResolvedFlow& flow : entry.flows) {
      if (std::ranges::count(seen, flow.name + "/" + flow.split) > 0) continue;
      seen.push_back(flow.name + "/" + flow.split);
      const Result<PassForecast> pass = (*forecaster)->pass(flow);
      if (!pass.ok()) return pass.error();
      bytes += pass->bytes_written;
    }
  if (const std::optional<Error> refusal = (*forecaster)->refusal(bytes)) return *refusal;
  return {};
}

// Runs every turn of [repeat] that is left.
class Turns {
 public:
  Turns(const graph::ResolvedGraph& graph, const ResolveTurn& resolve, const plugins::Catalogue& catalogue,
        const RunOptions& options, report::RunFolder& folder)
      : graph_(graph), resolve_(resolve), catalogue_(catalogue), options_(options), folder_(folder) {}

  Result<RunEnd> run(Progression& progression, const Container* saved) {
    const int turns = std::max(1, static_cast<int>(graph_.repeats.size()));
    while (progression.position.repeat < turns) {
      Result<RunEnd> end = turn(progression, saved);
      if (!end.ok() || *end != RunEnd::kDone) return end;
      saved = nullptr;
      progression.position = {.repeat = progression.position.repeat + 1};
      progression.best.clear();
    }
    return RunEnd::kDone;
  }

  std::vector<std::string> notes;
  std::map<std::string, double> seconds;
  double lane_seconds = 0;
  std::map<std::string, std::int64_t> computed;
  std::optional<CacheFigures> cache;

 private:
  static CacheFigures sum(const std::optional<CacheFigures>& before, CacheFigures figures) {
    if (!before) return figures;
    figures.hits += before->hits;
    figures.misses += before->misses;
    figures.bytes_read += before->bytes_read;
    figures.bytes_written += before->bytes_written;
    figures.commits += before->commits;
    return figures;
  }
  Result<RunEnd> turn(Progression& progression, const Container* saved) {
    if (graph_.repeats.empty()) return turn_of(graph_, progression, saved);
    const Result<graph::ResolvedGraph> resolved =
        resolve_(graph_.repeats[static_cast<std::size_t>(progression.position.repeat)]);
    if (!resolved.ok()) return resolved.error();
    return turn_of(*resolved, progression, saved);
  }
  Result<RunEnd> turn_of(const graph::ResolvedGraph& whole, Progression& progression, const Container* saved) {
    const graph::ResolvedGraph graph = limited_runs(whole, options_.limit);
    if (const Status fits = check_quota(graph, catalogue_, options_); !fits.ok()) return fits.error();
    Session session(graph, catalogue_, options_, &folder_, progression);
    Result<RunEnd> end = session.run(saved);
    notes = session.stage_notes();
    if (const std::optional<CacheFigures> figures = session.cache_figures()) cache = sum(cache, *figures);
    for (const auto& [stage, stage_seconds] : session.seconds()) {
      seconds[stage] += stage_seconds;
      const auto found = std::ranges::find(graph.stages, stage, &graph::ResolvedStage::name);
      if (found != graph.stages.end() && found->description.compute_lane) lane_seconds += stage_seconds;
    }
    for (const auto& [stage, items] : session.computed()) computed[stage] += items;
    return end;
  }

  const graph::ResolvedGraph& graph_;
  const ResolveTurn& resolve_;
  const plugins::Catalogue& catalogue_;
  const RunOptions& options_;
  report::RunFolder& folder_;
};

Status mark_done(report::RunFolder& folder, Progression& progression) {
  progression.done = true;
  const Result<std::map<std::string, std::int64_t>> lengths = folder.sync_lengths();
  if (!lengths.ok()) return lengths.error();
  nlohmann::json meta = to_json(progression);
  meta["lengths"] = *lengths;
  return folder.replace("checkpoint/last.state",
                        [&](const ByteSink& sink) { return ContainerWriter(sink).finish(meta); });
}

}  // namespace

std::optional<Error> why_not_sharded(const graph::ResolvedGraph& graph) {
  for (const graph::ResolvedRun& entry : graph.runs)
    for (const graph::ResolvedFlow& flow : entry.flows)
      for (const graph::ResolvedNode& node : flow.nodes) {
        const graph::ResolvedStage& stage = graph.stages[static_cast<std::size_t>(node.stage)];
        const StageKind kind = stage.description.kind;
        if (!flow.trains && kind != StageKind::kCollect) continue;
        return Error{ErrorCode::kInvalidArgument,
                     "flow '" + flow.name + "' " +
                         (flow.trains ? "trains" : "collects whole streams in '" + stage.name + "'") +
                         ": a shard of its records is of no use; shards are for runs that only keep values"};
      }
  return std::nullopt;
}

Result<RunSummary> run_graph(const graph::ResolvedGraph& graph, const ResolveTurn& resolve,
                             const plugins::Catalogue& catalogue, const RunOptions& whole_options) {
  RunOptions options = whole_options;
  if (options.shard.count > 1) {
    if (const std::optional<Error> why = why_not_sharded(graph)) return *why;
    options.out /= options.shard.name();
  }
  Result<report::RunFolder> folder = report::RunFolder::open(options.out, options.resume);
  if (!folder.ok()) return folder.error();
  Progression progression;
  std::optional<Container> saved;
  const std::filesystem::path last = options.out / "checkpoint/last.state";
  if (options.resume && std::filesystem::exists(last)) {
    Result<Container> container = read_container(last);
    if (!container.ok()) return container.error();
    progression = progression_from(container->meta);
    if (progression.done) return summary_of(progression, RunEnd::kAlreadyDone);
    saved = std::move(*container);
    const auto lengths = saved->meta.at("lengths").get<std::map<std::string, std::int64_t>>();
    if (const Status cut = folder->cut(lengths); !cut.ok()) return cut.error();
  } else if (options.resume) {
    if (const Status cut = folder->cut({}); !cut.ok()) return cut.error();
  }
  if (const Status written = write_graph(*folder, graph, options); !written.ok()) return written.error();
  Turns turns(graph, resolve, catalogue, options, *folder);
  const Result<RunEnd> end = turns.run(progression, saved ? &*saved : nullptr);
  if (options.progress != nullptr) options.progress->end();
  if (end.ok() && *end == RunEnd::kDone) {
    if (const Status status = write_joined(*folder, joined(progression.results)); !status.ok()) return status.error();
    if (const Status status = mark_done(*folder, progression); !status.ok()) return status.error();
  }
  RunSummary summary = summary_of(progression, end.ok() ? *end : RunEnd::kFailed);
  if (!end.ok()) summary.error = end.error();
  summary.notes = turns.notes;
  summary.cache = turns.cache;
  summary.computed_by_stage.assign(turns.computed.begin(), turns.computed.end());
  summary.lane_seconds = turns.lane_seconds;
  summary.seconds_by_stage.assign(turns.seconds.begin(), turns.seconds.end());
  std::sort(summary.seconds_by_stage.begin(), summary.seconds_by_stage.end(),
            [](const auto& a, const auto& b) { return a.second > b.second; });
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - options.begun).count();
  summary.processor_seconds = static_cast<double>(std::clock() - options.processor_begun) / CLOCKS_PER_SEC;
  return summary;
}

}  // namespace earshot::run
