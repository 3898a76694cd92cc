// The entries of a run: training in stretches between validations, evaluation, checkpoints.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "session.h"

namespace earshot::run {
namespace {

using nlohmann::ordered_json;

// The batch after `batch` at which to stop: the next validation of any rule, or the end of the epoch.
std::int64_t next_stop(const graph::ResolvedRun& entry, std::int64_t batch, std::int64_t step,
                       std::int64_t epoch_batches) {
  std::int64_t end = epoch_batches;
  for (const graph::ResolvedValidation& rule : entry.validate) {
    if (rule.every_steps) {
      const std::int64_t next = (step / *rule.every_steps + 1) * *rule.every_steps;
      end = std::min(end, batch + next - step);
    } else {
      const double stride = rule.every_share.value_or(1.0) * static_cast<double>(epoch_batches);
      for (double turn = 1; turn * stride < static_cast<double>(epoch_batches) + 0.5; ++turn) {
        const auto at = static_cast<std::int64_t>(std::llround(turn * stride));
        if (at > batch) {
          end = std::min(end, at);
          break;
        }
      }
    }
  }
  return end;
}

bool is_due(const graph::ResolvedValidation& rule, std::int64_t batch, std::int64_t step, std::int64_t epoch_batches,
            bool last) {
  if (last) return true;
  if (rule.every_steps) return step % *rule.every_steps == 0;
  const double stride = rule.every_share.value_or(1.0) * static_cast<double>(epoch_batches);
  const double turn = std::round(static_cast<double>(batch) / stride);
  return turn >= 1 && std::llround(turn * stride) == batch;
}

}  // namespace

Result<RunEnd> Session::run(const Container* saved) {
  Result<RunEnd> end = run_entries(saved);
  save_speeds();
  return end;
}

Result<RunEnd> Session::run_entries(const Container* saved) {
  if (const Status opened = open_cache(); !opened.ok()) return opened.error();
  if (saved != nullptr)
    if (const Status loaded = load(*saved, State::Scope::kEverything); !loaded.ok()) return loaded.error();
  const auto count = static_cast<int>(graph_.runs.size());
  while (progression_.position.entry < count) {
    const graph::ResolvedRun& entry = graph_.runs[static_cast<std::size_t>(progression_.position.entry)];
    Result<RunEnd> end = run_entry(entry);
    if (!end.ok() || *end != RunEnd::kDone) return end;
    Position& position = progression_.position;
    position = {.repeat = position.repeat,
                .entry = position.entry + 1,
                .epochs_before = position.epochs_before + position.epoch};
    // Behind the last entry come the final weights and the word that the run is done.
    if (position.entry == count && graph_.repeats.empty()) break;
    if (const Status status = save_checkpoint(); !status.ok()) return status.error();
  }
  const std::optional<int> turn = graph_.repeats.empty() ? std::nullopt : std::optional(progression_.position.repeat);
  if (const Status kept = save(final_weights(turn), State::Scope::kWeights, nullptr); !kept.ok()) return kept.error();
  remove_unnamed_weights();
  return RunEnd::kDone;
}

Result<RunEnd> Session::run_entry(const graph::ResolvedRun& entry) {
  for (const graph::ResolvedFlow& flow : entry.flows)
    if (const Status ready = prepare(flow); !ready.ok()) return ready.error();
  if (entry.flows.front().trains) return train(entry);
  return evaluate(entry);
}

Status Session::begin_entry(const graph::ResolvedRun& entry) {
  const Position& position = progression_.position;
  if (position.epoch != 0 || position.batch != 0) return {};  // resumed in the middle
  if (!entry.init.empty())
    if (Status loaded = load_weights_of(entry.init); !loaded.ok()) return loaded;
  if (entry.weights == graph::WeightsChoice::kBest) return load_best(entry.best_count);
  return {};
}

Result<RunEnd> Session::evaluate(const graph::ResolvedRun& entry) {
  if (const Status begun = begin_entry(entry); !begun.ok()) return begun.error();
  const graph::ResolvedFlow& flow = entry.flows.front();
  const Result<FlowPlan> plan = plan_flow(graph_, flow, stages_, graph_.seed, 0, options_.shard);
  if (!plan.ok()) return plan.error();
  if (options_.progress != nullptr) options_.progress->begin(flow.name);
  PassRequest asked = request(flow);
  if (options_.progress != nullptr)
    asked.on_progress = [this](std::int64_t ended, std::int64_t planned) {
      if (keeper_ != nullptr) show_cache();
      options_.progress->items(ended, planned);
    };
  const PassResult result = pass(flow, *plan, asked);
  if (const Status written = write_pass(flow, result); !written.ok()) return written.error();
  if (result.error) return *result.error;
  if (result.stopped) return RunEnd::kStopped;
  if (const Status written = write_metrics(flow, result, false); !written.ok()) return written.error();
  const std::string prefix =
      graph_.repeats.empty() ? std::string() : "repeat-" + std::to_string(progression_.position.repeat) + "/";
  for (const StageReport& stage : result.reports) {
    for (const Artefact& file : stage.report.files)
      if (const Status status = folder_->replace(prefix + file.name, file.bytes); !status.ok()) return status.error();
    FlowResult kept{.repeat = graph_.repeats.empty() ? -1 : progression_.position.repeat,
                    .flow = flow.name,
                    .split = flow.split,
                    .stage = stage.stage,
                    .report = {.metrics = stage.report.metrics, .files = {}, .notes = stage.report.notes}};
    progression_.results.push_back(std::move(kept));
  }
  return RunEnd::kDone;
}

bool Session::entry_done(const graph::ResolvedRun& entry) const {
  const Position& position = progression_.position;
  if (entry.steps) return position.step >= *entry.steps;
  return position.epoch >= entry.epochs.value_or(1);
}

Result<RunEnd> Session::train(const graph::ResolvedRun& entry) {
  if (const Status begun = begin_entry(entry); !begun.ok()) return begun.error();
  const graph::ResolvedFlow& flow = entry.flows.front();
  Position& position = progression_.position;
  if (position.epoch == 0 && position.batch == 0) progression_.best.clear();
  if (options_.progress != nullptr) options_.progress->begin(flow.name, position.step * flow.batch);
  while (!entry_done(entry)) {
    const Result<FlowPlan> plan =
        plan_flow(graph_, flow, stages_, graph_.seed, position.epochs_before + position.epoch);
    if (!plan.ok()) return plan.error();
    if (plan->batches() == 0)
      return Error{ErrorCode::kInvalidArgument, "flow '" + flow.name + "' has no full batch of " +
                                                    std::to_string(flow.batch) + " records; lower its batch"};
    if (position.total_steps == 0)
      position.total_steps = entry.steps.value_or(plan->batches() * entry.epochs.value_or(1));
    while (position.batch < plan->batches() && !entry_done(entry)) {
      std::int64_t end = next_stop(entry, position.batch, position.step, plan->batches());
      if (entry.steps) end = std::min(end, position.batch + *entry.steps - position.step);
      Result<RunEnd> ended = stretch(entry, *plan, end);
      if (!ended.ok() || *ended != RunEnd::kDone) return ended;
    }
    if (position.batch >= plan->batches()) {
      ++position.epoch;
      position.batch = 0;
    }
  }
  return RunEnd::kDone;
}

Status Session::write_step(const graph::ResolvedFlow& flow, std::int64_t step, std::span<const Metric> metrics) {
  ordered_json line;
  if (!graph_.repeats.empty()) line["repeat"] = progression_.position.repeat;
  line["entry"] = progression_.position.entry;
  line["step"] = step + 1;
  line["flow"] = flow.name;
  for (const Metric& metric : metrics) {
    line[metric.name] = metric.value;
    if (metric.name == "loss" && options_.progress != nullptr) options_.progress->loss(metric.value);
  }
  return folder_->append_line("metrics.jsonl", line);
}

Result<RunEnd> Session::stretch(const graph::ResolvedRun& entry, const FlowPlan& plan, std::int64_t end) {
  const graph::ResolvedFlow& flow = entry.flows.front();
  Position& position = progression_.position;
  const auto begun = std::chrono::steady_clock::now();
  PassRequest asked = request(flow);
  asked.epoch = position.epochs_before + position.epoch;
  asked.first_step = position.step - position.batch;
  asked.total_steps = position.total_steps;
  asked.first_batch = position.batch;
  asked.batch_count = end - position.batch;
  Status written;
  asked.on_step = [&](std::int64_t step, std::span<const Metric> metrics) {
    if (Status line = write_step(flow, step, metrics); !line.ok()) written = line;
  };
  if (options_.progress != nullptr) {
    asked.on_progress = [&, before = position.step * flow.batch](std::int64_t ended, std::int64_t) {
      if (keeper_ != nullptr) show_cache();
      options_.progress->items(before + ended, position.total_steps * flow.batch);
    };
  }
  const PassResult result = pass(flow, plan, asked);
  if (const Status items = write_pass(flow, result); !items.ok()) return items.error();
  if (result.error) return *result.error;
  if (!written.ok()) return written.error();
  position.batch += result.batches;
  position.step += result.batches;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const ordered_json timing = {{"flow", flow.name}, {"step", position.step}, {"seconds", seconds}};
  if (const Status timed = folder_->append_line("timing.jsonl", timing); !timed.ok()) return timed.error();
  // Stopped behind its last batch, the stretch is complete: the validation that is due belongs to it.
  if (position.batch == end)
    if (const Status validated = validate(entry, plan); !validated.ok()) return validated.error();
  // Another checkpoint, or the end of the run, comes with the end of the entry.
  if (!result.stopped && ends_entry(entry, plan)) return RunEnd::kDone;
  if (const Status saved = save_checkpoint(); !saved.ok()) return saved.error();
  return result.stopped ? RunEnd::kStopped : RunEnd::kDone;
}

bool Session::ends_entry(const graph::ResolvedRun& entry, const FlowPlan& plan) const {
  const Position& position = progression_.position;
  if (entry.steps) return position.step >= *entry.steps;
  return position.batch == plan.batches() && position.epoch + 1 == entry.epochs.value_or(1);
}

Status Session::validate(const graph::ResolvedRun& entry, const FlowPlan& plan) {
  const Position& position = progression_.position;
  const bool last = ends_entry(entry, plan);
  for (const graph::ResolvedValidation& rule : entry.validate) {
    if (!is_due(rule, position.batch, position.step, plan.batches(), last)) continue;
    const graph::ResolvedFlow& flow = entry.flows[static_cast<std::size_t>(rule.resolved)];
    const Result<FlowPlan> held_out = plan_flow(graph_, flow, stages_, graph_.seed, 0);
    if (!held_out.ok()) return held_out.error();
    PassRequest asked = request(flow);
    asked.stop = nullptr;  // a validation is short, and its metric belongs to the steps before it
    const PassResult result = pass(flow, *held_out, asked);
    if (Status written = write_pass(flow, result); !written.ok()) return written;
    if (result.error) return *result.error;
    if (Status written = write_metrics(flow, result, true); !written.ok()) return written;
    bool selected = rule.select.empty();
    for (const StageReport& stage : result.reports)
      for (const Metric& metric : stage.report.metrics) {
        if (metric.name != rule.select) continue;
        selected = true;
        if (options_.progress != nullptr)
          options_.progress->note("step " + std::to_string(position.step) + "  " + flow.name + " " + metric.name + " " +
                                  std::to_string(metric.value));
        if (Status kept = keep_candidate(rule, metric.value); !kept.ok()) return kept;
      }
    if (!selected)
      return Error{ErrorCode::kInternal, "no stage of flow '" + flow.name + "' reported '" + rule.select +
                                             "' to select by, although one says that it does"};
  }
  return {};
}

// The best `keep` by metric; of equals the later step (retrieval.md B6).
Status Session::keep_candidate(const graph::ResolvedValidation& rule, double metric) {
  std::vector<Candidate>& best = progression_.best;
  const std::int64_t step = progression_.position.step;
  if (static_cast<std::int64_t>(best.size()) >= rule.keep && metric < best.back().metric) return {};
  const Candidate candidate{metric, step, "checkpoint/best-" + std::to_string(step) + ".weights"};
  if (Status saved = save(candidate.file, State::Scope::kWeights, nullptr); !saved.ok()) return saved;
  best.push_back(candidate);
  std::stable_sort(best.begin(), best.end(), [](const Candidate& a, const Candidate& b) {
    return a.metric != b.metric ? a.metric > b.metric : a.step > b.step;
  });
  if (static_cast<std::int64_t>(best.size()) > rule.keep) best.pop_back();
  return {};
}

}  // namespace earshot::run
