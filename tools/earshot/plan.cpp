// earshot plan: what a run would do and what it would cost: its entries in order, and for every stage what is cached,
// what is not and why, bytes and time. Opens sources and the store, runs nothing.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "command.h"
#include "earshot/pipeline/report/progress.h"
#include "earshot/pipeline/run/forecast.h"
#include "graph_input.h"
#include "run_options.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

// One pass of an entry, and how often it is made.
struct PlannedPass {
  std::string entry;  // "1. train (train): 15 epochs"
  std::string flow;
  run::PassForecast forecast;
  std::optional<double> seconds;  // of all times
};

struct Plan {
  std::vector<PlannedPass> passes;
  std::optional<double> seconds;  // of the whole run
  std::int64_t bytes_written = 0;
  bool writes_more = false;
  bool cached = false;
  std::optional<Error> refusal;
};

std::string length_text(const graph::ResolvedRun& entry) {
  if (entry.steps) return count_text(*entry.steps) + " steps";
  if (!entry.flows[0].trains) return "once";
  const std::int64_t epochs = entry.epochs.value_or(1);
  return count_text(epochs) + (epochs == 1 ? " epoch" : " epochs");
}

std::string flow_text(const graph::ResolvedFlow& flow) {
  return flow.name + (flow.split.empty() ? "" : " (" + flow.split + ")");
}

std::string interval_text(const graph::ResolvedValidation& validation) {
  if (validation.every_steps) return count_text(*validation.every_steps) + " steps";
  return figure_text(100 * validation.every_share.value_or(1)) + " % of an epoch";
}

// Prices the passes of a graph one after the other.
class Planner {
 public:
  Planner(const graph::ResolvedGraph& graph, run::Forecaster& forecaster) : graph_(graph), forecaster_(forecaster) {}

  Result<Plan> plan() {
    plan_.seconds = forecaster_.around_s();
    plan_.cached = std::ranges::any_of(graph_.stages, &graph::ResolvedStage::cache);
    if (graph_.runs.empty())
      for (const graph::ResolvedFlow& flow : graph_.flows) add(flow_text(flow) + ": no [[run]] entry", flow, 1);
    for (std::size_t i = 0; i < graph_.runs.size(); ++i) add_entry(graph_.runs[i], std::to_string(i + 1) + ". ");
    if (failure_) return *failure_;
    const double turns = std::max(1.0, static_cast<double>(graph_.repeats.size()));
    if (plan_.seconds) *plan_.seconds *= turns;
    plan_.refusal = forecaster_.refusal(plan_.bytes_written);
    return std::move(plan_);
  }

 private:
  void add_entry(const graph::ResolvedRun& entry, const std::string& number) {
    const graph::ResolvedFlow& flow = entry.flows[0];
    std::string head = number + flow_text(flow) + ": " + length_text(entry);
    if (flow.batch > 1) head += ", batches of " + count_text(flow.batch);
    const std::int64_t records = add(head, flow, entry.steps ? 0.0 : static_cast<double>(entry.epochs.value_or(1)));
    const double epoch_steps =
        std::max(1.0, std::floor(static_cast<double>(records) / static_cast<double>(flow.batch)));
    const double epochs =
        entry.steps ? static_cast<double>(*entry.steps) / epoch_steps : static_cast<double>(entry.epochs.value_or(1));
    if (entry.steps) settle(epochs);
    for (const graph::ResolvedValidation& rule : entry.validate) {
      const graph::ResolvedFlow& held_out = entry.flows[static_cast<std::size_t>(rule.resolved)];
      const double times = rule.every_steps ? epochs * epoch_steps / static_cast<double>(*rule.every_steps)
                                            : epochs / rule.every_share.value_or(1);
      add(number + flow_text(held_out) + ": every " + interval_text(rule), held_out, std::max(1.0, times));
    }
  }

  // `times` 0: settle() says how often. Returns how many records there are.
  std::int64_t add(std::string entry, const graph::ResolvedFlow& flow, double times) {
    if (failure_) return 0;
    Result<run::PassForecast> forecast = forecaster_.pass(flow);
    if (!forecast.ok()) {
      failure_ = forecast.error();
      return 0;
    }
    plan_.bytes_written += forecast->bytes_written;
    plan_.writes_more = plan_.writes_more || forecast->writes_more;
    const std::int64_t records = forecast->records;
    plan_.passes.push_back({std::move(entry), flow.name, *std::move(forecast), std::nullopt});
    if (times > 0) settle(times);
    return records;
  }

  // The last pass is made so often; everything that is kept is there from the second time on.
  void settle(double times) {
    if (failure_) return;
    PlannedPass& pass = plan_.passes.back();
    if (pass.forecast.seconds && pass.forecast.again_seconds)
      pass.seconds =
          *pass.forecast.seconds * std::min(times, 1.0) + *pass.forecast.again_seconds * std::max(times - 1, 0.0);
    plan_.seconds = plan_.seconds && pass.seconds ? std::optional(*plan_.seconds + *pass.seconds) : std::nullopt;
  }

  const graph::ResolvedGraph& graph_;
  run::Forecaster& forecaster_;
  Plan plan_;
  std::optional<Error> failure_;
};

std::string bytes_cell(std::int64_t bytes, bool more = false) {
  if (bytes == 0) return more ? "unknown" : "-";
  return (more ? "over " : "") + bytes_text(static_cast<double>(bytes));
}

std::string time_cell(const std::optional<double>& seconds, std::int64_t misses) {
  if (!seconds) return "unknown";
  return *seconds <= 0 && misses == 0 ? "-" : report::duration_text(*seconds);
}

// "13 file changed; 5 new, not hashed": the most frequent first.
std::string why_cell(const std::map<std::string, std::int64_t>& reasons) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [why, items] : reasons) sorted.emplace_back(-items, why);
  std::ranges::sort(sorted);
  if (sorted.size() == 1) return sorted.front().second;
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kNamed); ++i)
    text += (i == 0 ? "" : "; ") + count_text(-sorted[i].first) + " " + sorted[i].second;
  if (sorted.size() > kNamed)
    text += "; " + count_text(std::ssize(sorted) - std::ssize(std::span(sorted).first(kNamed))) + " more";
  return text;
}

std::string pass_text(const PlannedPass& pass) {
  Table table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kLeft,
               Align::kRight, Align::kRight, Align::kRight});
  table.add({"stage", "plugin", "view", "items", "hits", "misses", "why", "reads", "writes", "time"});
  for (const run::StageForecast& stage : pass.forecast.stages)
    table.add({stage.stage, stage.plugin, stage.view, count_text(stage.items), count_text(stage.hits),
               count_text(stage.misses), why_cell(stage.reasons), bytes_cell(stage.bytes_read),
               bytes_cell(stage.bytes_written, stage.writes_more), time_cell(stage.seconds, stage.misses)});
  return pass.entry + "\n" + table.text(3);
}

std::string plan_text(const graph::ResolvedGraph& graph, const Plan& plan) {
  std::string text;
  if (!graph.repeats.empty()) text += "the whole list " + std::to_string(graph.repeats.size()) + " times ([repeat])\n";
  for (const PlannedPass& pass : plan.passes) text += pass_text(pass);
  if (!plan.cached) return text + "everything is computed: no stage keeps its output\n";
  text += "writes: " + bytes_cell(plan.bytes_written, plan.writes_more) + "\n";
  return text + "time: " +
         (plan.seconds ? report::duration_text(*plan.seconds) + ", going by earlier runs of this machine"
                       : "unknown: some stage has not run on this machine with this store") +
         "\n";
}

ordered_json json_of(const std::optional<double>& seconds) { return seconds ? ordered_json(*seconds) : ordered_json(); }

std::string plan_json(const graph::ResolvedGraph& graph, const Plan& plan) {
  ordered_json stages = ordered_json::array();
  for (const PlannedPass& pass : plan.passes)
    for (const run::StageForecast& stage : pass.forecast.stages) {
      ordered_json reasons = ordered_json::array();
      for (const auto& [why, items] : stage.reasons) reasons.push_back({{"why", why}, {"items", items}});
      stages.push_back({{"name", stage.stage},
                        {"plugin", stage.plugin},
                        {"pass", pass.entry},
                        {"flow", pass.flow},
                        {"view", stage.view},
                        {"items", stage.items},
                        {"hits", stage.hits},
                        {"misses", stage.misses},
                        {"reasons", reasons},
                        {"bytes_read", stage.bytes_read},
                        {"bytes_written", stage.bytes_written},
                        {"writes_more", stage.writes_more},
                        {"seconds", json_of(stage.seconds)}});
    }
  ordered_json json = {{"repeats", std::max<std::size_t>(1, graph.repeats.size())},
                       {"stages", stages},
                       {"bytes_written", plan.bytes_written},
                       {"seconds", json_of(plan.seconds)}};
  if (plan.refusal) json["refused"] = plan.refusal->message;
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<ExitCode> plan(const Arguments& arguments) {
  const GraphInput input(arguments);
  const std::optional<graph::ResolvedGraph> graph = input.open(arguments.operands()[0]);
  if (!graph) return ExitCode::kWrong;
  Result<run::RunOptions> options = run_options(arguments);
  if (!options.ok()) return options.error();
  if (Status known = take_shard(arguments, *graph, *options); !known.ok()) return known.error();
  const Result<std::unique_ptr<run::Forecaster>> forecaster =
      run::Forecaster::open(*graph, input.catalogue(), *options);
  if (!forecaster.ok()) return forecaster.error();
  const Result<Plan> plan = Planner(*graph, **forecaster).plan();
  if (!plan.ok() && plan.error().code == ErrorCode::kCancelled) return ExitCode::kInterrupted;
  if (!plan.ok()) return plan.error();
  std::cout << (arguments.flag("json") ? plan_json(*graph, *plan) : plan_text(*graph, *plan));
  if (plan->refusal) return *plan->refusal;
  return ExitCode::kDone;
}

void declare(boost::program_options::options_description& options) {
  declare_graph_options(options);
  declare_run_options(options);
  declare_shard_option(options);
  declare_json(options);
}

}  // namespace

constinit const Command kPlan = {.name = "plan",
                                 .operands = "GRAPH",
                                 .min_operands = 1,
                                 .max_operands = 1,
                                 .sentence = "says what a run would do, what is cached and why not, bytes and time",
                                 .declare = declare,
                                 .run = plan};

}  // namespace earshot::tools
