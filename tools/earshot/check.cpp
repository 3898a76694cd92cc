// earshot check: all errors of graph files; opens no plugin.
#include <iostream>

#include <nlohmann/json.hpp>

#include "command.h"
#include "graph_input.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const graph::Diagnostic& diagnostic) {
  const graph::Span& span = diagnostic.span;
  return {{"file", span.origin.file}, {"line", span.origin.line},  {"column", span.origin.column},
          {"length", span.length},    {"error", diagnostic.error}, {"message", diagnostic.message},
          {"hint", diagnostic.hint},  {"notes", diagnostic.notes}};
}

std::string summary_of(const std::string& file, const graph::ResolvedGraph& graph) {
  std::string flows;
  for (const graph::ResolvedFlow& flow : graph.flows) flows += (flows.empty() ? "" : ", ") + flow.name;
  return file + ": ok, " + std::to_string(graph.stages.size()) + " stages, flows: " + flows + "\n";
}

Result<ExitCode> check(const Arguments& arguments) {
  const GraphInput input(arguments);
  std::vector<graph::Diagnostic> diagnostics;
  std::string summaries;
  bool all_ok = true;
  for (const std::string& file : arguments.operands()) {
    graph::CheckResult checked = input.check(file, Weights::kClosed);
    all_ok = all_ok && checked.ok();
    if (checked.ok()) summaries += summary_of(file, *checked.graph);
    diagnostics.insert(diagnostics.end(), std::make_move_iterator(checked.diagnostics.begin()),
                       std::make_move_iterator(checked.diagnostics.end()));
  }
  if (arguments.flag("json")) {
    ordered_json found = ordered_json::array();
    for (const graph::Diagnostic& diagnostic : diagnostics) found.push_back(json_of(diagnostic));
    const ordered_json document = {{"ok", all_ok}, {"diagnostics", found}};
    std::cout << document.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  } else {
    std::cout << summaries << std::flush;
    std::cerr << graph::format(diagnostics);
  }
  return all_ok ? ExitCode::kDone : ExitCode::kWrong;
}

void declare(boost::program_options::options_description& options) {
  declare_graph_options(options);
  declare_json(options);
}

}  // namespace

constinit const Command kCheck = {
    .name = "check",
    .operands = "GRAPH...",
    .min_operands = 1,
    .max_operands = kAnyNumber,
    .sentence = "says everything that is wrong with graph files; opens nothing but descriptions",
    .declare = declare,
    .run = check};

}  // namespace earshot::tools
