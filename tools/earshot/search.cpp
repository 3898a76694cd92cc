// earshot search: recordings ranked by a sentence, with the weights of a run.
//
// The run's graph says how: flow.query takes a sentence (source `queries`) to its vector, flow.search the recordings of
// a folder (source `library`); the recordings of the run itself come from the stage `index`, or from flow.evaluate.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "command.h"
#include "gallery.h"
#include "graph_input.h"
#include "run_options.h"
#include "table.h"

namespace earshot::tools {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using nlohmann::ordered_json;

constexpr std::int64_t kMostHits = 1'000'000;

// A TOML basic string: JSON's escapes are all TOML's.
std::string toml_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string file_of_run(const fs::path& run) { return (run / "graph.toml").string(); }

Status check_operands(const fs::path& run, const Arguments& arguments) {
  std::error_code failure;
  if (!fs::is_regular_file(file_of_run(run), failure))
    return Error{ErrorCode::kInvalidArgument, "'" + run.string() +
                                                  "' is no run folder: it has no graph.toml; give the "
                                                  "folder that `earshot run` made"};
  if (arguments.has("in") && !fs::is_directory(arguments.text("in"), failure))
    return Error{ErrorCode::kInvalidArgument, "'" + arguments.text("in") +
                                                  "' is no folder; --in wants one with "
                                                  "recordings"};
  return {};
}

// [dim].
Result<std::vector<float>> question_vector(const TrainedFlow& query) {
  const Result<int> node = last_embedding(query.graph, query.flow);
  if (!node.ok()) return node.error();
  const Result<Gallery> found = compute_gallery(query, *node);
  if (!found.ok()) return found.error();
  if (found->rows.size() == 1) return found->vectors;
  return Error{ErrorCode::kInternal,
               "flow." + query.flow.name + " gave " + std::to_string(found->rows.size()) + " vectors for one sentence"};
}

struct Opened {
  const GraphInput& input;
  const graph::ResolvedGraph& graph;
  const run::RunOptions& options;
  fs::path run;

  [[nodiscard]] TrainedFlow with(const graph::ResolvedFlow& flow) const {
    return {graph, input.catalogue(), options, run, flow};
  }
};

Result<Gallery> gallery_of(const Opened& opened, const std::string& folder) {
  const auto computed = [&](const graph::ResolvedFlow& flow, const Result<int>& node) -> Result<Gallery> {
    return node.ok() ? compute_gallery(opened.with(flow), *node) : node.error();
  };
  if (!folder.empty()) {
    const graph::ResolvedFlow& flow = *find_flow(opened.graph, "search");
    return computed(flow, last_embedding(opened.graph, flow));
  }
  Result<std::optional<Gallery>> stored = stored_gallery(opened.run);
  if (!stored.ok()) return stored.error();
  if (stored->has_value()) return **std::move(stored);
  const graph::ResolvedFlow* flow = find_flow(opened.graph, "evaluate");
  if (flow != nullptr) return computed(*flow, collected_audio(opened.graph, *flow));
  return Error{ErrorCode::kInvalidArgument, opened.graph.file +
                                                " has neither an index nor flow.evaluate, so the run "
                                                "knows no recording; name a folder with --in"};
}

// 75.5 -> "1:15.5".
std::string time_text(double seconds) {
  const int tenths = static_cast<int>(std::lround(seconds * 10));
  std::array<char, 40> text{};
  const int hours = tenths / 36'000;
  if (hours > 0)
    std::snprintf(text.data(), text.size(), "%d:%02d:%02d", hours, tenths / 600 % 60, tenths / 10 % 60);
  else
    std::snprintf(text.data(), text.size(), "%d:%02d.%d", tenths / 600, tenths / 10 % 60, tenths % 10);
  return text.data();
}

std::string hits_text(const Gallery& gallery, const std::vector<Hit>& hits) {
  Table table({Align::kRight, Align::kLeft, Align::kRight, Align::kLeft});
  for (const Hit& hit : hits) {
    const GalleryRow& row = gallery.rows[hit.row];
    table.add({fixed_text(hit.score), row.file, time_text(row.start_s), row.caption});
  }
  return table.text();
}

std::string hits_json(const std::string& sentence, const Gallery& gallery, const std::vector<Hit>& hits) {
  ordered_json results = ordered_json::array();
  for (const Hit& hit : hits) {
    const GalleryRow& row = gallery.rows[hit.row];
    ordered_json result = {{"score", hit.score}, {"id", row.id}, {"file", row.file}, {"start_s", row.start_s}};
    if (row.length_s) result["length_s"] = *row.length_s;
    if (!row.caption.empty()) result["caption"] = row.caption;
    results.push_back(std::move(result));
  }
  const ordered_json json = {{"sentence", sentence}, {"rows", gallery.rows.size()}, {"results", results}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// What the program and the graph of a run agree on: names of flows, and of the sources that a search fills in.
Status check_flows(const graph::ResolvedGraph& graph, bool folder_given) {
  const auto need = [&](const char* flow, const char* source, const char* what_for) -> Status {
    const bool there = find_flow(graph, flow) != nullptr &&
                       std::ranges::find(graph.stages, source, &graph::ResolvedStage::name) != graph.stages.end();
    if (there) return {};
    return Error{ErrorCode::kInvalidArgument, graph.file + " has no flow." + flow + " that begins at a source \"" +
                                                  source + "\", which " + what_for +
                                                  "; graphs/base/two_tower.toml shows one"};
  };
  if (Status query = need("query", "queries", "takes a sentence to its vector"); !query.ok()) return query;
  if (!folder_given) return {};
  return need("search", "library", "takes the recordings of a folder to their vectors");
}

// A folder of somebody's own may hold files that cannot be read: they are left out and named.
void leave_out_what_fails(graph::ResolvedGraph& graph) {
  const graph::ResolvedFlow* flow = find_flow(graph, "search");
  if (flow == nullptr) return;
  for (const graph::ResolvedNode& node : flow->nodes)
    graph.stages[static_cast<std::size_t>(node.stage)].on_error = {.policy = graph::FailurePolicy::kSkip};
}

// The graph of the run with the sentence, and the folder, put in; nothing where it is wrong, which was printed then.
Result<std::optional<graph::ResolvedGraph>> open_run(GraphInput& input, const fs::path& run,
                                                     const Arguments& arguments) {
  const std::string file = file_of_run(run);
  std::optional<graph::ResolvedGraph> graph = input.open(file);
  if (!graph) return graph;
  if (const Status usable = check_flows(*graph, arguments.has("in")); !usable.ok()) return usable.error();
  const Word sentence = arguments.all(kOperand)[1];
  input.set("stage.queries.lines=[" + toml_text(sentence.text) + "]", sentence.number);
  for (const Word& folder : arguments.all("in"))
    input.set("stage.library.path=" + toml_text(fs::absolute(folder.text).string()), folder.number);
  graph = input.open(file);
  if (graph) leave_out_what_fails(*graph);
  return graph;
}

Result<ExitCode> search(const Arguments& arguments) {
  const fs::path run = arguments.operands()[0];
  if (const Status usable = check_operands(run, arguments); !usable.ok()) return usable.error();
  const Result<std::int64_t> count = arguments.number("top", 1, kMostHits);
  if (!count.ok()) return count.error();
  Result<run::RunOptions> options = run_options(arguments);
  if (!options.ok()) return options.error();
  report::Progress progress(stderr, arguments.flag("quiet"));
  options->progress = &progress;
  GraphInput input(arguments);
  const Result<std::optional<graph::ResolvedGraph>> graph = open_run(input, run, arguments);
  if (!graph.ok()) return graph.error();
  if (!graph->has_value()) return ExitCode::kWrong;
  const Opened opened{input, **graph, *options, run};
  const Result<std::vector<float>> question = question_vector(opened.with(*find_flow(**graph, "query")));
  if (!question.ok()) return question.error();
  const std::string folder = arguments.text("in");
  const Result<Gallery> gallery = gallery_of(opened, folder);
  if (!gallery.ok()) return gallery.error();
  if (gallery->rows.empty())
    return Error{ErrorCode::kNotFound,
                 folder.empty() ? "the run knows no recording" : "there is no recording in '" + folder + "'"};
  if (gallery->dim != question->size())
    return Error{ErrorCode::kInvalidArgument, "the sentence became " + std::to_string(question->size()) +
                                                  " numbers, a recording " + std::to_string(gallery->dim)};
  const std::vector<Hit> hits = best_hits(*gallery, *question, static_cast<std::size_t>(*count));
  const std::string& sentence = arguments.operands()[1];
  std::cout << (arguments.flag("json") ? hits_json(sentence, *gallery, hits) : hits_text(*gallery, hits));
  return ExitCode::kDone;
}

void declare(po::options_description& options) {
  options.add_options()("in", po::value<std::string>()->value_name("DIR"),
                        "search the recordings of this folder; those of the run where not given");
  options.add_options()("top,k", po::value<std::int64_t>()->default_value(10)->value_name("N"), "how many to print");
  declare_graph_options(options);
  declare_thread_options(options);
  declare_quiet(options);
  declare_json(options);
}

}  // namespace

constinit const Command kSearch = {
    .name = "search",
    .operands = "RUN \"SENTENCE\"",
    .min_operands = 2,
    .max_operands = 2,
    .sentence =
        "ranks recordings by a sentence: score, file, start, caption (of a run with turns: the first's weights)",
    .declare = declare,
    .run = search};

}  // namespace earshot::tools
