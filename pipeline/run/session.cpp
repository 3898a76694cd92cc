#include "session.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "cached_pass.h"

namespace earshot::run {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

void put_metric(ordered_json& line, const Metric& metric) {
  line[metric.name] = metric.value;
  if (metric.low) line[metric.name + "/low"] = *metric.low;
  if (metric.high) line[metric.name + "/high"] = *metric.high;
  if (metric.chance) line[metric.name + "/chance"] = *metric.chance;
}

const char* outcome_of(graph::FailurePolicy policy) {
  if (policy == graph::FailurePolicy::kSkip) return "skipped";
  return policy == graph::FailurePolicy::kQuarantine ? "quarantined" : "failed";
}

}  // namespace

int or_cores(int threads) {
  return threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::optional<CacheUse> cache_use(const graph::ResolvedGraph& graph, const RunOptions& options) {
  if (!std::ranges::any_of(graph.stages, &graph::ResolvedStage::cache)) return std::nullopt;
  CacheUse use = options.cache;
  use.path = graph.cache_path.empty() ? "cache" : graph.cache_path;
  use.quota = graph.cache_quota;
  if (options.shard.count > 1) use.shard = options.shard.name();
  return use;
}

graph::ResolvedFlow limited(graph::ResolvedFlow flow, std::int64_t limit) {
  if (limit == 0) return flow;
  flow.limit = flow.limit == 0 ? limit : std::min(flow.limit, limit);
  flow.batch = std::min(flow.batch, flow.limit);
  return flow;
}

Session::Session(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue, const RunOptions& options,
                 report::RunFolder* folder, Progression& progression)
    : graph_(graph),
      catalogue_(catalogue),
      options_(options),
      folder_(folder),
      progression_(progression),
      stages_(graph, catalogue, lane_, or_cores(options.compute_threads)) {}

Status Session::open_cache() {
  const std::optional<CacheUse> use = cache_use(graph_, options_);
  if (!use || folder_ == nullptr) return {};
  Result<std::unique_ptr<Keeper>> keeper = Keeper::open(*use, machine_class(or_cores(options_.compute_threads)));
  if (!keeper.ok()) return keeper.error();
  keeper_ = *std::move(keeper);
  stages_.contents = &keeper_->contents();
  return {};
}

std::optional<CacheFigures> Session::cache_figures() const {
  return keeper_ == nullptr ? std::nullopt : std::optional(keeper_->figures());
}

Status Session::prepare(const graph::ResolvedFlow& flow) {
  std::vector<int> needed;
  const std::vector<bool> spared = spared_nodes(graph_, flow);
  for (std::size_t i = 0; i < flow.nodes.size(); ++i)
    if (keeper_ == nullptr || !spared[i]) needed.push_back(flow.nodes[i].stage);
  if (Status built = stages_.build(needed); !built.ok()) return built;
  return connect_steps(flow);
}

Status Session::connect_steps(const graph::ResolvedFlow& flow) {
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const graph::ResolvedStage& step = graph_.stages[static_cast<std::size_t>(flow.nodes[i].stage)];
    if (step.description.kind != StageKind::kStep || std::count(connected_.begin(), connected_.end(), step.name) > 0)
      continue;
    std::vector<int> upstream = {static_cast<int>(i)};
    const graph::ResolvedFlow part = prune(flow, upstream);
    std::vector<Connection> connections;
    std::vector<int> seen;
    for (const graph::ResolvedNode& node : part.nodes) {
      const graph::ResolvedStage& stage = graph_.stages[static_cast<std::size_t>(node.stage)];
      if (!stage.trainable || stage.description.offers != step.description.wants) continue;
      if (std::count(seen.begin(), seen.end(), node.stage) > 0) continue;
      seen.push_back(node.stage);
      connections.push_back({stage.name, stages_.get(node.stage)->capability(step.description.wants)});
    }
    Status connected;
    lane_.call([&] { connected = static_cast<Step&>(*stages_.get(flow.nodes[i].stage)).connect(connections); });
    if (!connected.ok())
      return Error{connected.error().code, "stage '" + step.name + "': " + connected.error().message};
    connected_.push_back(step.name);
  }
  return {};
}

PassRequest Session::request(const graph::ResolvedFlow& flow) const {
  PassRequest request;
  request.seed = graph_.seed;
  request.threads = or_cores(options_.threads);
  request.training = flow.trains;
  request.stop = options_.stop;
  request.keeper = keeper_.get();
  return request;
}

PassResult Session::pass(const graph::ResolvedFlow& flow, const FlowPlan& plan, const PassRequest& request) {
  PassResult result = run_pass(graph_, flow, stages_, lane_, plan, request);
  progression_.items += result.items;
  for (const StageWork& work : result.work) seconds_[work.stage] += work.seconds;
  for (const StageWork& work : result.work)
    if (keeper_ != nullptr) computed_[work.stage] += work.runs;
  if (keeper_ != nullptr) learn_speeds(flow, result);
  passes_s_ += result.seconds;
  if (options_.progress != nullptr)
    for (const std::string& warning : result.warnings) options_.progress->note("warning: " + warning);
  return result;
}

void Session::learn_speeds(const graph::ResolvedFlow& flow, const PassResult& result) {
  if (result.seconds <= 0 || result.items.admitted == 0) return;
  double busy_s = result.admission_s;
  for (const StageWork& work : result.work) busy_s += work.seconds;
  const auto records = static_cast<double>(result.items.admitted);
  for (std::size_t i = 0; i < result.work.size(); ++i) {
    const StageWork& work = result.work[i];
    const int stage = flow.nodes[i].stage;
    StageSpeed speed{.runs = work.runs, .reads = work.reads, .form = work.form};
    if (work.runs > 0) speed.run_s = (work.seconds - work.reading_s) / static_cast<double>(work.runs);
    if (work.reads > 0) speed.read_s = work.reading_s / static_cast<double>(work.reads);
    if (work.kept_values > 0)
      speed.value_bytes = static_cast<double>(work.kept_bytes) / static_cast<double>(work.kept_values);
    speed.kept_as = graph_.stages[static_cast<std::size_t>(stage)].cache_form;
    speed.sample_rate_hz = sample_rate_hz(graph_.stages[static_cast<std::size_t>(stage)]);
    speed.items_a_record = static_cast<double>(work.items) / records;
    speed.build_s = stages_.building_s(stage);
    speed.speedup = busy_s / result.seconds;
    speeds_.stages[stage_key(work.stage, graph_.stages[static_cast<std::size_t>(stage)].plugin)] = speed;
  }
  const cache::ContentTable& files = keeper_->contents();
  const auto hashed = static_cast<double>(files.bytes_read());
  if (hashed > 0) speeds_.hashing_s = files.seconds_reading() / hashed;
  speeds_.records = result.items.admitted;
  speeds_.admission_s = std::max(0.0, result.admission_s - files.seconds_reading()) / records;
  const CacheFigures figures = keeper_->figures();
  if (figures.bytes_written > 0) speeds_.unpacking_s = figures.unpacking_s / static_cast<double>(figures.bytes_written);
}

void Session::show_cache() const {
  const CacheFigures figures = keeper_->figures();
  options_.progress->cache({.hits = figures.hits,
                            .misses = figures.misses,
                            .bytes = figures.source_bytes + figures.bytes_read + figures.bytes_written});
}

void Session::save_speeds() {
  const std::optional<CacheUse> use = cache_use(graph_, options_);
  if (keeper_ == nullptr || !use) return;
  const double whole_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - options_.begun).count();
  if (graph_.repeats.empty()) speeds_.around_s = std::max(0.0, whole_s - passes_s_ - stages_.building_s());
  run::save_speeds(use->path / use->shard, speeds_);
}

Status Session::write_pass(const graph::ResolvedFlow& flow, const PassResult& result) {
  for (const LostItem& item : result.lost) {
    ordered_json line;
    line["flow"] = flow.name;
    line["view"] = item.view;
    line["item"] = item.id;
    line["outcome"] = outcome_of(item.failure.policy);
    line["stage"] = item.failure.stage;
    line["why"] = to_string(item.failure.error.code);
    line["message"] = item.failure.error.message;
    if (Status written = folder_->append_line("items.jsonl", line); !written.ok()) return written;
  }
  return {};
}

Status Session::write_metrics(const graph::ResolvedFlow& flow, const PassResult& result, bool trained) {
  for (const StageReport& stage : result.reports) {
    ordered_json line;
    if (!graph_.repeats.empty()) line["repeat"] = progression_.position.repeat;
    line["entry"] = progression_.position.entry;
    if (trained) line["step"] = progression_.position.step;
    line["flow"] = flow.name;
    if (!flow.split.empty()) line["split"] = flow.split;
    line["stage"] = stage.stage;
    for (const Metric& metric : stage.report.metrics) put_metric(line, metric);
    if (Status written = folder_->append_line("metrics.jsonl", line); !written.ok()) return written;
  }
  return {};
}

std::vector<std::string> Session::stage_notes() const {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < graph_.stages.size(); ++i) {
    const Stage* stage = stages_.get(static_cast<int>(i));
    if (stage == nullptr) continue;
    if (const std::optional<WeightsInfo>& weights = graph_.stages[i].weights)
      for (const std::string& note : weights->notes) notes.push_back("stage '" + graph_.stages[i].name + "': " + note);
    if (graph_.stages[i].description.kind != StageKind::kSource) continue;
    for (std::string& note : static_cast<const Source*>(stage)->notes()) notes.push_back(std::move(note));
  }
  return notes;
}

Status Session::for_each_state(const std::function<Status(const std::string&, State&)>& use) {
  Status status;
  for (std::size_t i = 0; i < stages_.size() && status.ok(); ++i) {
    Stage* stage = stages_.get(static_cast<int>(i));
    State* state = stage == nullptr ? nullptr : stage->state();
    if (state != nullptr) lane_.call([&] { status = use(graph_.stages[i].name, *state); });
  }
  return status;
}

Status Session::save(const std::string& file, State::Scope scope, const nlohmann::json& meta) {
  return folder_->replace(file, [&](const ByteSink& sink) -> Status {
    ContainerWriter writer(sink);
    const Status saved = for_each_state([&](const std::string& stage, State& state) {
      return writer.blob(stage, [&](const ByteSink& blob) { return state.save(scope, blob); });
    });
    return saved.ok() ? writer.finish(meta) : saved;
  });
}

Status Session::load(const Container& container, State::Scope scope) {
  std::vector<int> needed;
  for (const auto& [name, bytes] : container.blobs)
    for (std::size_t i = 0; i < graph_.stages.size(); ++i)
      if (graph_.stages[i].name == name) needed.push_back(static_cast<int>(i));
  if (Status built = stages_.build(needed); !built.ok()) return built;
  return for_each_state([&](const std::string& stage, State& state) -> Status {
    for (const auto& [name, bytes] : container.blobs)
      if (name == stage) {
        if (Status loaded = state.load(bytes, scope); !loaded.ok())
          return Error{loaded.error().code, "stage '" + stage + "': " + loaded.error().message};
      }
    return {};
  });
}

std::string Session::final_weights(std::optional<int> turn) {
  return "checkpoint/final" + (turn ? "-" + std::to_string(*turn) : std::string()) + ".weights";
}

Status Session::load_weights_of(const std::string& run_folder) {
  std::filesystem::path file = run_folder;
  if (std::filesystem::is_directory(file)) {
    const std::filesystem::path of_turn = file / final_weights(std::max(progression_.position.repeat, 0));
    file = std::filesystem::exists(of_turn) ? of_turn : file / final_weights(std::nullopt);
  }
  const Result<Container> container = read_container(file);
  if (!container.ok())
    return Error{container.error().code, container.error().message + "; give a run folder whose run has ended"};
  return load(*container, State::Scope::kWeights);
}

Status Session::load_best(std::int64_t count) {
  if (progression_.best.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "weights = \"best\" needs an earlier entry with a validation that selects; none has run"};
  std::vector<Container> saved;
  for (const Candidate& candidate : progression_.best) {
    if (static_cast<std::int64_t>(saved.size()) == count) break;
    Result<Container> container = read_container(folder_->path() / candidate.file);
    if (!container.ok()) return container.error();
    saved.push_back(std::move(*container));
  }
  return for_each_state([&](const std::string& stage, State& state) -> Status {
    std::vector<std::span<const std::byte>> blobs;
    for (const Container& container : saved)
      for (const auto& [name, bytes] : container.blobs)
        if (name == stage) blobs.push_back(bytes);
    return blobs.empty() ? Status{} : state.load_mean(blobs);
  });
}

Status Session::save_checkpoint() {
  const Result<std::map<std::string, std::int64_t>> lengths = folder_->sync_lengths();
  if (!lengths.ok()) return lengths.error();
  nlohmann::json meta = to_json(progression_);
  meta["lengths"] = *lengths;
  if (Status saved = save("checkpoint/last.state", State::Scope::kEverything, meta); !saved.ok()) return saved;
  remove_unnamed_weights();
  return {};
}

void Session::remove_unnamed_weights() const {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_->path() / "checkpoint", failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("best-")) continue;
    const bool named = std::any_of(progression_.best.begin(), progression_.best.end(),
                                   [&](const Candidate& kept) { return kept.file == "checkpoint/" + name; });
    if (!named) std::filesystem::remove(entry.path(), failed);
  }
}

}  // namespace earshot::run
