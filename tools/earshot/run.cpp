// earshot run: the [[run]] entries of a graph, and what came of them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "command.h"
#include "earshot/pipeline/run/runner.h"
#include "graph_input.h"
#include "run_options.h"
#include "run_report.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

// The graph of one turn of [repeat]: the same file with that turn's values.
run::ResolveTurn resolver(const GraphInput& input, const graph::ResolvedGraph& graph, const std::string& file) {
  return [&input, &graph, file](const graph::RepeatValue& turn) -> Result<graph::ResolvedGraph> {
    const auto at = std::ranges::find(graph.repeats, turn.set, &graph::RepeatValue::set);
    graph::CheckResult checked =
        input.check(file, Weights::kOpened, static_cast<std::size_t>(at - graph.repeats.begin()));
    if (checked.ok()) return *std::move(checked.graph);
    return Error{ErrorCode::kInvalidArgument,
                 "the graph has changed since it was checked:\n" + graph::format(checked.diagnostics)};
  };
}

Result<ExitCode> run_graph(const Arguments& arguments) {
  const auto begun = std::chrono::steady_clock::now();
  const std::string& file = arguments.operands()[0];
  const GraphInput input(arguments);
  const std::optional<graph::ResolvedGraph> graph = input.open(file);
  if (!graph) return ExitCode::kWrong;
  if (graph->runs.empty())
    return Error{ErrorCode::kInvalidArgument, file +
                                                  " has no [[run]] entry, so there is nothing to run; "
                                                  "`earshot peek` looks at a single flow"};
  Result<run::RunOptions> options = run_options(arguments);
  if (!options.ok()) return options.error();
  options->begun = begun;
  if (const Status known = take_shard(arguments, *graph, *options); !known.ok()) return known.error();
  if (arguments.flag("verify-content")) options->cache.hashing = cache::Hashing::kAnew;
  options->out = arguments.has("out") ? std::filesystem::path(arguments.text("out"))
                                      : std::filesystem::path("runs") / report::run_name(graph->title);
  options->resume = arguments.flag("resume");
  if (options->resume && !arguments.has("out"))
    return Error{ErrorCode::kInvalidArgument, "--resume needs --out: the folder of the run to go on with"};
  report::Progress progress(stderr, arguments.flag("quiet"));
  options->progress = &progress;
  const std::filesystem::path out = options->shard.count > 1 ? options->out / options->shard.name() : options->out;
  progress.note("run folder: " + out.string());
  const Result<run::RunSummary> summary =
      run::run_graph(*graph, resolver(input, *graph, file), input.catalogue(), *options);
  progress.end();
  if (!summary.ok()) return summary.error();
  std::cout << (arguments.flag("json") ? report_json(*summary, out) : report_text(*summary, out, options->out));
  if (summary->error) return *summary->error;
  return summary->end == run::RunEnd::kStopped ? ExitCode::kInterrupted : ExitCode::kDone;
}

void declare(po::options_description& options) {
  declare_graph_options(options);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "the run folder; runs/TITLE-TIME where not given");
  options.add_options()("resume", po::bool_switch(), "start, go on, or say that it is done: whatever --out needs");
  declare_run_options(options);
  declare_shard_option(options);
  options.add_options()("verify-content", po::bool_switch(),
                        "hash every file again, whatever is known of it: for file systems whose times are not true");
  declare_quiet(options);
  declare_json(options);
}

}  // namespace

constinit const Command kRun = {.name = "run",
                                .operands = "GRAPH",
                                .min_operands = 1,
                                .max_operands = 1,
                                .sentence = "runs the [[run]] entries of a graph; leaves a run folder",
                                .declare = declare,
                                .run = run_graph};

}  // namespace earshot::tools
