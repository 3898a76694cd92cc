// earshot plan: what a run would do: its entries in order, and the records of every view. Opens sources, runs nothing.
#include <iostream>
#include <map>
#include <tuple>

#include <nlohmann/json.hpp>

#include "command.h"
#include "earshot/contract/plugin.h"
#include "graph_input.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

// Records of views, each asked for once.
class RecordCounts {
 public:
  RecordCounts(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue)
      : graph_(graph), catalogue_(catalogue) {}

  // Of the view of a source node, as far as the flow takes it. Errors: those of the source.
  Result<std::int64_t> of(const graph::ResolvedFlow& flow, const graph::ResolvedNode& node) {
    const std::tuple key(node.stage, node.view, flow.split);
    auto found = sizes_.find(key);
    if (found == sizes_.end()) {
      Result<std::int64_t> size = size_of(node, flow.split);
      if (!size.ok()) return size;
      found = sizes_.emplace(key, *size).first;
    }
    return flow.limit > 0 ? std::min(flow.limit, found->second) : found->second;
  }

 private:
  Result<std::int64_t> size_of(const graph::ResolvedNode& node, const std::string& split) {
    const graph::ResolvedStage& stage = graph_.stages[static_cast<std::size_t>(node.stage)];
    const auto named = [&](const Error& error) {
      return Error{error.code, "stage '" + stage.name + "': " + error.message};
    };
    std::unique_ptr<Stage>& source = sources_[node.stage];
    if (!source) {
      const Result<const PluginEntry*> entry = catalogue_.load(stage.plugin);
      if (!entry.ok()) return named(entry.error());
      Result<std::unique_ptr<Stage>> made =
          (*entry)->create(stage.options, Setup{.stage = stage.name, .facts = stage.facts, .seed = graph_.seed});
      if (!made.ok()) return named(made.error());
      source = *std::move(made);
    }
    const Result<std::unique_ptr<View>> view = static_cast<const Source&>(*source).open(node.view, split);
    return view.ok() ? Result<std::int64_t>((*view)->size()) : named(view.error());
  }

  const graph::ResolvedGraph& graph_;
  const plugins::Catalogue& catalogue_;
  std::map<int, std::unique_ptr<Stage>> sources_;
  std::map<std::tuple<int, std::string, std::string>, std::int64_t> sizes_;
};

// One stage in one pass over a flow.
struct PlannedStage {
  std::string stage;
  std::string plugin;
  std::string view;
  std::int64_t records = 0;  // of the view; of a collect, of all views that it joins
  bool children = false;     // it sees parts of records, whose number is known when they are opened
};

struct PlannedPass {
  std::string entry;  // "1. train (train): 15 epochs"
  std::string flow;
  std::vector<PlannedStage> stages;
};

Result<std::vector<PlannedStage>> plan_pass(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                            RecordCounts& counts) {
  std::map<std::string, std::int64_t> records;  // by view
  std::int64_t all = 0;
  std::vector<PlannedStage> planned;
  for (const graph::ResolvedNode& node : flow.nodes) {
    const graph::ResolvedStage& stage = graph.stages[static_cast<std::size_t>(node.stage)];
    if (stage.description.kind == StageKind::kSource) {
      const Result<std::int64_t> count = counts.of(flow, node);
      if (!count.ok()) return count.error();
      records[node.view] = *count;
      all += *count;
    }
    planned.push_back({.stage = stage.name,
                       .plugin = stage.plugin,
                       .view = node.view,
                       .records = node.view.empty() ? all : records[node.view],
                       .children = node.expand >= 0});
  }
  return planned;
}

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

Result<std::vector<PlannedPass>> plan_graph(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue) {
  RecordCounts counts(graph, catalogue);
  std::vector<PlannedPass> passes;
  const auto add = [&](std::string entry, const graph::ResolvedFlow& flow) -> Status {
    Result<std::vector<PlannedStage>> stages = plan_pass(graph, flow, counts);
    if (!stages.ok()) return stages.error();
    passes.push_back({std::move(entry), flow.name, *std::move(stages)});
    return {};
  };
  if (graph.runs.empty())
    for (const graph::ResolvedFlow& flow : graph.flows)
      if (Status added = add(flow_text(flow) + ": no [[run]] entry", flow); !added.ok()) return added.error();
  for (std::size_t i = 0; i < graph.runs.size(); ++i) {
    const graph::ResolvedRun& entry = graph.runs[i];
    const std::string number = std::to_string(i + 1) + ". ";
    std::string head = number + flow_text(entry.flows[0]) + ": " + length_text(entry);
    if (entry.flows[0].batch > 1) head += ", batches of " + count_text(entry.flows[0].batch);
    if (Status added = add(head, entry.flows[0]); !added.ok()) return added.error();
    for (const graph::ResolvedValidation& validation : entry.validate) {
      const graph::ResolvedFlow& flow = entry.flows[static_cast<std::size_t>(validation.resolved)];
      if (Status added = add(number + flow_text(flow) + ": every " + interval_text(validation), flow); !added.ok())
        return added.error();
    }
  }
  return passes;
}

std::string plan_text(const graph::ResolvedGraph& graph, const std::vector<PlannedPass>& passes) {
  std::string text;
  if (!graph.repeats.empty()) text += "the whole list " + std::to_string(graph.repeats.size()) + " times ([repeat])\n";
  for (const PlannedPass& pass : passes) {
    Table table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
    table.add({"stage", "plugin", "view", "records"});
    for (const PlannedStage& stage : pass.stages)
      table.add({stage.stage, stage.plugin, stage.view, count_text(stage.records), stage.children ? "in parts" : ""});
    text += pass.entry + "\n" + table.text(3);
  }
  return text + "everything is computed: no stage keeps its output yet\n";
}

std::string plan_json(const graph::ResolvedGraph& graph, const std::vector<PlannedPass>& passes) {
  ordered_json stages = ordered_json::array();
  for (const PlannedPass& pass : passes)
    for (const PlannedStage& stage : pass.stages)
      stages.push_back({{"name", stage.stage},
                        {"plugin", stage.plugin},
                        {"pass", pass.entry},
                        {"flow", pass.flow},
                        {"view", stage.view},
                        {"hits", 0},
                        {"misses", stage.records},
                        {"reasons", {{{"why", "not cached"}, {"items", stage.records}}}}});
  const ordered_json json = {{"repeats", std::max<std::size_t>(1, graph.repeats.size())}, {"stages", stages}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<ExitCode> plan(const Arguments& arguments) {
  const GraphInput input(arguments);
  const std::optional<graph::ResolvedGraph> graph = input.open(arguments.operands()[0]);
  if (!graph) return ExitCode::kWrong;
  const Result<std::vector<PlannedPass>> passes = plan_graph(*graph, input.catalogue());
  if (!passes.ok()) return passes.error();
  std::cout << (arguments.flag("json") ? plan_json(*graph, *passes) : plan_text(*graph, *passes));
  return ExitCode::kDone;
}

void declare(boost::program_options::options_description& options) {
  declare_graph_options(options);
  declare_json(options);
}

}  // namespace

constinit const Command kPlan = {.name = "plan",
                                 .operands = "GRAPH",
                                 .min_operands = 1,
                                 .max_operands = 1,
                                 .sentence = "says what a run would do, and with how many records",
                                 .declare = declare,
                                 .run = plan};

}  // namespace earshot::tools
