#include "earshot/pipeline/run/forecast.h"

#include <algorithm>
#include <cmath>

#include "admission.h"
#include "cached_pass.h"
#include "earshot/pipeline/cache/maintain.h"
#include "earshot/pipeline/run/pass.h"
#include "look.h"
#include "session.h"
#include "speeds.h"
#include "stage_set.h"

namespace earshot::run {
namespace {

constexpr std::int64_t kNoBudget = std::int64_t{1} << 62;

// What must be there to know which items there are.
bool is_needed(const PluginDescription& description) {
  return description.kind == StageKind::kSource || description.kind == StageKind::kExpand || description.header_only;
}

// How much more an item costs than when the stage was measured: in proportion to the sample rate of its sound or to the
// size of what it makes, whichever changed more.
double growth(const NodePlan& node, const NodeLook& look, const StageSpeed& speed) {
  const double rate_hz = sample_rate_hz(*node.resolved);
  const double by_rate = rate_hz > 0 && speed.sample_rate_hz > 0 ? rate_hz / speed.sample_rate_hz : 1;
  // How many bytes FLAC takes is the sound's affair, and another form takes others for the same value.
  const bool comparable = speed.kept_as == node.resolved->cache_form && speed.kept_as != "flac";
  if (!comparable || look.values_written == 0 || look.writes_more || speed.value_bytes <= 0) return by_rate;
  const double bytes = static_cast<double>(look.bytes_written) / static_cast<double>(look.values_written);
  const double by_bytes = bytes / speed.value_bytes;
  return std::abs(std::log(by_bytes)) > std::abs(std::log(by_rate)) ? by_bytes : by_rate;
}

// Sums of times that a pass is made of, in seconds of one core; nothing where a figure is missing.
class Price {
 public:
  // `looked_s`: what it took to admit a record to be looked at; 0 where none was.
  Price(const Speeds* speeds, double looked_s) : speeds_(speeds), looked_s_(looked_s), known_(speeds != nullptr) {}

  // Of one node; its part in the pass is added.
  std::optional<double> add(const NodePlan& node, const NodeLook& look, double runs, double reads, double read_bytes,
                            bool builds) {
    if (node.admission || (runs == 0 && reads == 0)) return 0.0;
    const StageSpeed* const speed =
        speeds_ == nullptr ? nullptr : speeds_->find(node.resolved->name, node.resolved->plugin);
    if (speed == nullptr || (runs > 0 && speed->runs == 0)) {
      known_ = false;
      return std::nullopt;
    }
    const double reading_s = speed->reads > 0 ? reads * speed->read_s : read_bytes * speeds_->unpacking_s;
    const double seconds = runs * speed->run_s * growth(node, look, *speed) + reading_s;
    if (builds) serial_s_ += speed->build_s;
    if (node.description->compute_lane) lane_s_ += seconds;
    shared_s_ += seconds / speed->speedup;
    if (seconds > largest_s_) speedup_ = speed->speedup;
    largest_s_ = std::max(largest_s_, seconds);
    return seconds;
  }
  // Admission is one thread; it and the lane may be what all others wait for.
  [[nodiscard]] std::optional<double> seconds(double records, double hashed_bytes) const {
    if (!known_) return std::nullopt;
    const double record_s = looked_s_ > 0 ? std::min(looked_s_, speeds_->admission_s) : speeds_->admission_s;
    const double admission_s = records * record_s + hashed_bytes * speeds_->hashing_s;
    return serial_s_ + std::max({admission_s, lane_s_, shared_s_ + admission_s / speedup_});
  }

 private:
  const Speeds* speeds_;
  double looked_s_;
  bool known_;
  double serial_s_ = 0;
  double lane_s_ = 0;
  double shared_s_ = 0;
  double largest_s_ = 0;
  double speedup_ = 1;
};

}  // namespace

struct Forecaster::Parts {
  Parts(const graph::ResolvedGraph& resolved, const plugins::Catalogue& plugins, const RunOptions& run_options)
      : graph(resolved),
        options(run_options),
        threads(or_cores(run_options.compute_threads)),
        stages(resolved, plugins, lane, threads) {}

  Result<PassForecast> pass(const graph::ResolvedFlow& flow);
  // Stamps every item.
  Result<std::vector<NodeLook>> look(Topology& topology, const graph::ResolvedFlow& flow, const FlowPlan& plan,
                                     std::int64_t& hashed_bytes, double& looked_s);
  // What is computed whatever is kept.
  static std::vector<NodeLook> look_without_cache(const Topology& topology, const FlowPlan& plan);
  PassForecast priced(const Topology& topology, const graph::ResolvedFlow& flow, const std::vector<NodeLook>& nodes,
                      std::int64_t records, std::int64_t hashed_bytes, double looked_s) const;

  const graph::ResolvedGraph& graph;
  RunOptions options;
  int threads;
  ComputeLane lane;
  StageSet stages;
  std::unique_ptr<Keeper> keeper;  // null where no stage is cached
  std::optional<Speeds> speeds;
};

Result<std::vector<NodeLook>> Forecaster::Parts::look(Topology& topology, const graph::ResolvedFlow& flow,
                                                      const FlowPlan& plan, std::int64_t& hashed_bytes,
                                                      double& looked_s) {
  Result<std::unique_ptr<CachedPass>> cached = CachedPass::make(topology, graph, flow, stages.catalogue(), *keeper);
  if (!cached.ok()) return cached.error();
  PassRequest request;
  request.seed = graph.seed;
  request.training = flow.trains;
  request.stop = options.stop;
  PassState pass(topology, flow, request, lane, plan.records(), kNoBudget, kNoBudget);
  pass.cached = cached->get();
  pass.looking = true;
  pass.opens_unknown = graph.cache_quota > 0;
  const auto build = [&](int index) -> Status {
    NodePlan& node = topology.nodes[static_cast<std::size_t>(index)];
    Status built = stages.build(std::span(&node.stage, 1));
    node.instance = stages.get(node.stage);
    return built;
  };
  Look look(topology, **cached, speeds ? &*speeds : nullptr, build);
  const auto see = [&](const std::vector<ItemPtr>& rows) {
    for (const ItemPtr& row : rows)
      if (row->parent == nullptr && row->stamps != nullptr && row->stamps->unknown)
        for (const auto& [port, bytes] : row->stamps->files) hashed_bytes += bytes;
    look.see(rows);
  };
  Admission admission(pass, plan, see, build);
  admission.run();
  looked_s = admission.busy_s() / static_cast<double>(std::max<std::int64_t>(1, plan.records()));
  if (!look.status().ok()) return look.status().error();
  if (const std::optional<Error> broken = pass.broken_by()) return *broken;
  if (request.stop && request.stop()) return Error{ErrorCode::kCancelled, "stopped"};
  return look.nodes();
}

std::vector<NodeLook> Forecaster::Parts::look_without_cache(const Topology& topology, const FlowPlan& plan) {
  std::vector<NodeLook> nodes(topology.nodes.size());
  for (const NodePlan& node : topology.nodes) {
    int region = node.region;
    for (; topology.regions[static_cast<std::size_t>(region)].parent >= 0;)
      region = topology.regions[static_cast<std::size_t>(region)].parent;
    std::int64_t records = 0;
    for (const auto& batch : plan.plans[static_cast<std::size_t>(region)]) records += std::ssize(batch);
    NodeLook& look = nodes[static_cast<std::size_t>(node.index)];
    look.items = node.description->kind == StageKind::kCollect ? plan.records() : records;
    look.runs = look.items;
    if (look.runs > 0) look.reasons["not cached"] = look.runs;
  }
  return nodes;
}

PassForecast Forecaster::Parts::priced(const Topology& topology, const graph::ResolvedFlow& flow,
                                       const std::vector<NodeLook>& nodes, std::int64_t records,
                                       std::int64_t hashed_bytes, double looked_s) const {
  PassForecast forecast{.records = records};
  const Speeds* const known = speeds ? &*speeds : nullptr;
  const std::vector<bool> spared = spared_nodes(graph, flow);
  Price first(known, looked_s);
  Price again(known, looked_s);
  for (const NodePlan& node : topology.nodes) {
    const NodeLook& look = nodes[static_cast<std::size_t>(node.index)];
    StageForecast stage{.stage = node.resolved->name,
                        .plugin = node.resolved->plugin,
                        .view = flow.nodes[static_cast<std::size_t>(node.index)].view,
                        .children = topology.regions[static_cast<std::size_t>(node.region)].parent >= 0,
                        .items = look.items,
                        .hits = look.items - look.runs,
                        .misses = look.runs,
                        .reasons = look.reasons,
                        .bytes_read = look.bytes_read,
                        .bytes_written = look.bytes_written,
                        .writes_more = look.writes_more};
    const StageSpeed* const speed = known == nullptr ? nullptr : known->find(stage.stage, stage.plugin);
    auto runs = static_cast<double>(look.runs);
    if (stage.children && speed != nullptr)
      runs += static_cast<double>(look.unknown_runs) * (speed->items_a_record - 1);
    stage.seconds = first.add(node, look, runs, static_cast<double>(look.reads),
                              static_cast<double>(look.value_bytes_read), look.runs > 0);
    const bool idle = spared[static_cast<std::size_t>(node.index)];
    const bool read = idle && std::ranges::any_of(node.successors, [&](int successor) {
                        return !spared[static_cast<std::size_t>(successor)];
                      });
    const double all = runs + static_cast<double>(look.items - look.runs);
    stage.again_s = again.add(node, look, idle ? 0 : all, read ? all : 0, 0, false).value_or(0);
    forecast.bytes_written += stage.bytes_written;
    forecast.writes_more = forecast.writes_more || stage.writes_more;
    forecast.stages.push_back(std::move(stage));
  }
  forecast.seconds = first.seconds(static_cast<double>(records), static_cast<double>(hashed_bytes));
  forecast.again_seconds = again.seconds(static_cast<double>(records), 0);
  return forecast;
}

Result<PassForecast> Forecaster::Parts::pass(const graph::ResolvedFlow& flow) {
  std::vector<int> needed;
  for (const graph::ResolvedNode& node : flow.nodes)
    if (is_needed(graph.stages[static_cast<std::size_t>(node.stage)].description)) needed.push_back(node.stage);
  if (Status built = stages.build(needed); !built.ok()) return built.error();
  const Result<FlowPlan> plan = plan_flow(graph, flow, stages, graph.seed, 0, options.shard);
  if (!plan.ok()) return plan.error();
  Result<Topology> topology = Topology::make(graph, flow, stages);
  if (!topology.ok()) return topology.error();
  const bool cached = std::ranges::any_of(topology->nodes, [](const NodePlan& node) { return node.resolved->cache; });
  std::int64_t hashed_bytes = 0;
  double looked_s = 0;
  const Result<std::vector<NodeLook>> nodes = cached && keeper != nullptr
                                                  ? look(*topology, flow, *plan, hashed_bytes, looked_s)
                                                  : look_without_cache(*topology, *plan);
  if (!nodes.ok()) return nodes.error();
  return priced(*topology, flow, *nodes, plan->records(), hashed_bytes, looked_s);
}

Forecaster::Forecaster(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Forecaster::~Forecaster() = default;

Result<std::unique_ptr<Forecaster>> Forecaster::open(const graph::ResolvedGraph& graph,
                                                     const plugins::Catalogue& catalogue, const RunOptions& options) {
  auto parts = std::make_unique<Parts>(graph, catalogue, options);
  if (const std::optional<CacheUse> use = cache_use(graph, options)) {
    CacheUse look = *use;
    look.hashing = cache::Hashing::kNever;
    Result<std::unique_ptr<Keeper>> keeper = Keeper::open_to_look(look, machine_class(parts->threads));
    if (!keeper.ok()) return keeper.error();
    parts->keeper = *std::move(keeper);
    parts->stages.contents = &parts->keeper->contents();
    parts->speeds = load_speeds(look.path);
  }
  return std::unique_ptr<Forecaster>(new Forecaster(std::move(parts)));
}

Result<PassForecast> Forecaster::pass(const graph::ResolvedFlow& flow) { return parts_->pass(flow); }

std::optional<double> Forecaster::around_s() const {
  return parts_->speeds ? std::optional(parts_->speeds->around_s) : std::nullopt;
}

std::optional<Error> Forecaster::refusal(std::int64_t bytes) const {
  const std::optional<CacheUse> use = cache_use(parts_->graph, parts_->options);
  if (!use || use->quota == 0) return std::nullopt;
  const std::int64_t taken = cache::bytes_on_disk(use->path);
  if (taken + bytes <= use->quota) return std::nullopt;
  return Error{ErrorCode::kTooLarge, "cache.quota is " + std::to_string(use->quota) + " bytes: the store '" +
                                         use->path.string() + "' takes " + std::to_string(taken) +
                                         " and this run would write " + std::to_string(bytes) +
                                         " more; evict something (`earshot cache evict`), or raise it"};
}

}  // namespace earshot::run
