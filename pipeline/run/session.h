// Session: one turn of a run: the stages of one graph, their state, and the files of the run folder.
//
// Invariants: whatever last.state says has reached the disk before it: lengths of growing files, saved weights. A saved
// weights file that last.state does not name is garbage of an interrupted run and is removed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "container.h"
#include "earshot/pipeline/run/pass.h"
#include "earshot/pipeline/run/runner.h"
#include "keeper.h"
#include "lane.h"
#include "speeds.h"
#include "stage_set.h"

namespace earshot::run {

// Where a run stands: everything before it is done.
struct Position {
  int repeat = 0;
  int entry = 0;
  std::int64_t epoch = 0;          // of the entry
  std::int64_t batch = 0;          // of the epoch
  std::int64_t step = 0;           // of the entry
  std::int64_t total_steps = 0;    // of the entry, as its first epoch promises: what the schedule knows
  std::int64_t epochs_before = 0;  // of earlier entries: keys random draws
};

// Weights that a validation found good.
struct Candidate {
  double metric = 0;
  std::int64_t step = 0;
  std::string file;  // in the run folder
};

// What survives from turn to turn and from process to process.
struct Progression {
  Position position;
  Conservation items;
  std::vector<Candidate> best;  // of the last training entry, best first
  std::vector<FlowResult> results;
  bool done = false;
};

nlohmann::json to_json(const Progression& progression);
Progression progression_from(const nlohmann::json& json);

// Threads as asked for; 0 = as many as there are cores.
int or_cores(int threads);
// Where a run of the graph keeps values; nothing where no stage is cached.
std::optional<CacheUse> cache_use(const graph::ResolvedGraph& graph, const RunOptions& options);
// A flow with at most `limit` records a view (0: all); its batch shrinks with it, so that a training flow still has
// one.
graph::ResolvedFlow limited(graph::ResolvedFlow flow, std::int64_t limit);

class Session {
 public:
  Session(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue, const RunOptions& options,
          report::RunFolder* folder, Progression& progression);

  // Runs the entries from the progression's position to the end. `saved`: states to load first (a resumed run).
  Result<RunEnd> run(const Container* saved);
  // Builds what `flow` needs; connects its steps.
  Status prepare(const graph::ResolvedFlow& flow);
  // The last weights of a run folder (of a run with turns: of the turn that this one is), or of the file named.
  Status load_weights_of(const std::string& run_folder);
  [[nodiscard]] PassRequest request(const graph::ResolvedFlow& flow) const;
  PassResult pass(const graph::ResolvedFlow& flow, const FlowPlan& plan, const PassRequest& request);

  [[nodiscard]] const StageSet& stages() const { return stages_; }
  [[nodiscard]] std::vector<std::string> stage_notes() const;
  [[nodiscard]] const std::map<std::string, double>& seconds() const { return seconds_; }
  // Items that stages computed, where values are kept.
  [[nodiscard]] const std::map<std::string, std::int64_t>& computed() const { return computed_; }
  // What came of the cache; nothing where the graph keeps nothing.
  [[nodiscard]] std::optional<CacheFigures> cache_figures() const;

 private:
  Result<RunEnd> run_entries(const Container* saved);
  Result<RunEnd> run_entry(const graph::ResolvedRun& entry);
  Result<RunEnd> train(const graph::ResolvedRun& entry);
  Result<RunEnd> evaluate(const graph::ResolvedRun& entry);
  Status begin_entry(const graph::ResolvedRun& entry);
  // One stretch of training steps up to the next validation or the end of the epoch.
  Result<RunEnd> stretch(const graph::ResolvedRun& entry, const FlowPlan& plan, std::int64_t end);
  [[nodiscard]] bool entry_done(const graph::ResolvedRun& entry) const;
  // Whether the batch that was trained last is the last of the entry.
  [[nodiscard]] bool ends_entry(const graph::ResolvedRun& entry, const FlowPlan& plan) const;
  Status write_step(const graph::ResolvedFlow& flow, std::int64_t step, std::span<const Metric> metrics);
  Status validate(const graph::ResolvedRun& entry, const FlowPlan& plan);
  Status keep_candidate(const graph::ResolvedValidation& rule, double metric);
  Status load_best(std::int64_t count);
  // Opens the cache where a stage of the graph is cached.
  Status open_cache();
  // What a pass took, for the forecasts of later runs.
  void learn_speeds(const graph::ResolvedFlow& flow, const PassResult& result);
  void save_speeds();
  void show_cache() const;
  Status connect_steps(const graph::ResolvedFlow& flow);
  Status write_pass(const graph::ResolvedFlow& flow, const PassResult& result);
  Status write_metrics(const graph::ResolvedFlow& flow, const PassResult& result, bool trained);

  // Of every stage that was made; replaces `file` of the run folder.
  Status save(const std::string& file, State::Scope scope, const nlohmann::json& meta);
  Status load(const Container& container, State::Scope scope);
  Status save_checkpoint();
  void remove_unnamed_weights() const;
  // In a run folder: the file of a turn's last weights, or, without turns, of the run's.
  [[nodiscard]] static std::string final_weights(std::optional<int> turn);
  // Calls `use` with every built stage that has a state, on the stage's own thread.
  Status for_each_state(const std::function<Status(const std::string& stage, State& state)>& use);

  const graph::ResolvedGraph& graph_;
  const plugins::Catalogue& catalogue_;
  const RunOptions& options_;
  report::RunFolder* folder_;  // null for watching
  Progression& progression_;
  std::unique_ptr<Keeper> keeper_;  // null where no stage is cached, and for watching
  ComputeLane lane_;
  StageSet stages_;
  std::vector<std::string> connected_;
  std::map<std::string, double> seconds_;  // by stage
  std::map<std::string, std::int64_t> computed_;
  double passes_s_ = 0;
  Speeds speeds_;
};

}  // namespace earshot::run
