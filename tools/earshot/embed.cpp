// earshot embed: the embeddings that one stage of a graph gives of files or sentences, as a matrix in a .npy file.
//
// The flow is the first of the graph's that does not train and in which everything before the stage begins at one
// source of the right kind. That source gives way to `files` or `sentences`; the wires stay what they are.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <iterator>
#include <limits>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "command.h"
#include "earshot/contract/npy.h"
#include "files.h"
#include "graph_input.h"
#include "run_options.h"
#include "table.h"

namespace earshot::tools {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using nlohmann::ordered_json;

// What is embedded: its kind of payload, the source that gives it, and each thing in the order of the rows.
struct Asked {
  std::string kind;    // "recording", "text"
  std::string plugin;  // the source
  std::string option;  // the source's list
  std::string view;
  std::vector<std::string> things;

  // What a person calls thing i.
  [[nodiscard]] std::string name(std::size_t i) const {
    return kind == "text" ? "line " + std::to_string(i + 1) : "'" + things[i] + "'";
  }
};

// The lines of a text; LF and CRLF end one.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  return lines;
}

Result<std::string> text_in(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  const Result<std::vector<std::byte>> bytes = read_file(file);
  if (!bytes.ok()) return bytes.error();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Result<Asked> asked_for(const Arguments& arguments) {
  const std::vector<std::string>& operands = arguments.operands();
  const bool text = arguments.has("text");
  if (text == (operands.size() > 1))
    return Error{ErrorCode::kInvalidArgument, "embed wants either files behind GRAPH, or --text FILE"};
  if (!text) return Asked{"recording", "files", "paths", "recordings", {operands.begin() + 1, operands.end()}};
  const Result<std::string> content = text_in(arguments.text("text"));
  if (!content.ok()) return content.error();
  Asked asked{"text", "sentences", "lines", "captions", lines_of(*content)};
  if (!asked.things.empty()) return asked;
  return Error{ErrorCode::kInvalidArgument, "'" + arguments.text("text") + "' has no line"};
}

const graph::ResolvedStage& stage_of(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, int node) {
  return graph.stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(node)].stage)];
}

// The wires that leave the sources before the nodes of `stage`; indices into flow.edges.
std::set<std::size_t> source_wires(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                   const std::string& stage) {
  std::set<int> before;
  for (int node = static_cast<int>(flow.nodes.size()) - 1; node >= 0; --node) {
    const bool feeds = std::ranges::any_of(
        flow.edges, [&](const graph::ResolvedEdge& edge) { return edge.from == node && before.contains(edge.to); });
    if (feeds || stage_of(graph, flow, node).name == stage) before.insert(node);
  }
  std::set<std::size_t> wires;
  for (std::size_t i = 0; i < flow.edges.size(); ++i)
    if (before.contains(flow.edges[i].to) &&
        stage_of(graph, flow, flow.edges[i].from).description.kind == StageKind::kSource)
      wires.insert(i);
  return wires;
}

// Whether the stage can be fed with what is asked for: everything before it begins at one port of that kind.
bool begins_with(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, const std::set<std::size_t>& wires,
                 const std::string& kind) {
  if (wires.empty()) return false;
  const graph::ResolvedEdge& first = flow.edges[*wires.begin()];
  return std::ranges::all_of(wires, [&](std::size_t wire) {
    const graph::ResolvedEdge& edge = flow.edges[wire];
    const PluginDescription& source = stage_of(graph, flow, edge.from).description;
    return edge.from == first.from && edge.from_port == first.from_port &&
           source.outputs[static_cast<std::size_t>(edge.from_port)].kind == kind;
  });
}

// Puts the source that gives what is asked for in the place of the flow's own.
void replace_source(graph::ResolvedGraph& graph, graph::ResolvedFlow& flow, const std::set<std::size_t>& wires,
                    const PluginDescription& source, const Asked& asked) {
  const int node = flow.edges[*wires.begin()].from;
  OptionValue::List things;
  for (const std::string& thing : asked.things) things.push_back({thing});
  graph::ResolvedStage stage;
  stage.name = stage_of(graph, flow, node).name;
  stage.plugin = asked.plugin;
  stage.description = source;
  stage.options[asked.option] = {std::move(things)};
  for (const std::size_t wire : wires) flow.edges[wire].from_port = 0;
  flow.split.clear();
  flow.trains = false;
  flow.nodes[static_cast<std::size_t>(node)].stage = static_cast<int>(graph.stages.size());
  for (graph::ResolvedNode& each : flow.nodes) each.view = asked.view;
  graph.stages.push_back(std::move(stage));
}

Error no_flow(const graph::ResolvedGraph& graph, const std::string& stage, const Asked& asked) {
  std::string names;
  bool known = false;
  for (const graph::ResolvedStage& each : graph.stages) {
    known = known || each.name == stage;
    for (const PortDescription& port : each.description.outputs)
      if (port.kind == "embedding") names += (names.empty() ? "" : ", ") + each.name;
  }
  return {ErrorCode::kInvalidArgument,
          graph.file + ": " +
              (known ? "no flow leads from one source of kind " + asked.kind + " to the stage '" + stage + "'"
                     : "no stage is called '" + stage + "'") +
              "; these give embeddings: " + (names.empty() ? "none" : names)};
}

// The graph with the source put in, and the flow to run. Policy: what fails ends the run, or is left out.
Result<std::string> prepare(graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue,
                            const Arguments& arguments, const Asked& asked) {
  const PluginDescription* source = catalogue.find(asked.plugin);
  if (source == nullptr)
    return Error{ErrorCode::kNotFound,
                 "the plugin \"" + asked.plugin + "\", which reads what is embedded, is not there"};
  const std::string stage = arguments.text("stage");
  for (graph::ResolvedFlow& flow : graph.flows) {
    if (flow.trains) continue;
    const std::set<std::size_t> wires = source_wires(graph, flow, stage);
    if (!begins_with(graph, flow, wires, asked.kind)) continue;
    replace_source(graph, flow, wires, *source, asked);
    for (graph::ResolvedStage& each : graph.stages)
      each.on_error = {.policy =
                           arguments.flag("keep-going") ? graph::FailurePolicy::kSkip : graph::FailurePolicy::kFail};
    return flow.name;
  }
  return no_flow(graph, stage, asked);
}

// [row, dim], a row a thing; rows of what failed are NaN.
struct Matrix {
  std::size_t dim = 0;
  std::vector<float> values;
  std::vector<std::size_t> failed;
};

Error many_rows(const Asked& asked, std::size_t thing, const std::string& stage) {
  return {ErrorCode::kInvalidArgument, asked.name(thing) + " gives several rows behind the stage '" + stage +
                                           "', one a window; name a stage of the flow that brings windows together"};
}

Result<Matrix> matrix_of(const std::vector<run::Seen>& rows, const Asked& asked, const std::string& stage) {
  Matrix matrix;
  std::vector<bool> there(asked.things.size());
  for (const run::Seen& seen : rows) {
    const Result<Record> record = seen.row.payload->to_record();
    if (!record.ok()) return record.error();
    if (record->kind != "embedding") continue;
    const std::size_t thing = std::stoul(seen.row.related) - 1;  // both sources count from 1
    if (there[thing]) return many_rows(asked, thing, stage);
    there[thing] = true;
    if (matrix.dim == 0) {
      matrix.dim = static_cast<std::size_t>(record->shape.at(0));
      matrix.values.assign(matrix.dim * there.size(), std::numeric_limits<float>::quiet_NaN());
    }
    std::memcpy(matrix.values.data() + thing * matrix.dim, record->bytes.data(), record->bytes.size());
  }
  for (std::size_t i = 0; i < there.size(); ++i)
    if (!there[i]) matrix.failed.push_back(i);
  if (matrix.dim != 0) return matrix;
  return Error{ErrorCode::kInvalidArgument, matrix.failed.size() == there.size() && !rows.empty()
                                                ? "the stage '" + stage + "' gives no embeddings"
                                                : "none of " + count_text(std::ssize(there)) + " could be embedded"};
}

Status write_matrix(const Matrix& matrix, const fs::path& file) {
  Record record{
      .kind = "embedding",
      .dtype = DType::kFloat32,
      .shape = {static_cast<std::int64_t>(matrix.values.size() / matrix.dim), static_cast<std::int64_t>(matrix.dim)},
      .facts = {},
      .bytes = std::vector<std::byte>(matrix.values.size() * sizeof(float))};
  std::memcpy(record.bytes.data(), matrix.values.data(), record.bytes.size());
  const fs::path unfinished = file.string() + ".part";
  if (Status written = write_file(unfinished, to_npy(record)); !written.ok()) return written;
  std::error_code failure;
  fs::rename(unfinished, file, failure);
  if (failure) return Error{ErrorCode::kIo, "cannot name '" + file.string() + "': " + failure.message()};
  return {};
}

std::string embedded_text(const Matrix& matrix, const Asked& asked, const fs::path& out) {
  std::string text = out.string() + ": " + count_text(std::ssize(asked.things)) + " rows of " +
                     count_text(static_cast<std::int64_t>(matrix.dim));
  if (!matrix.failed.empty()) text += ", " + count_text(std::ssize(matrix.failed)) + " of them NaN";
  return text + "\n";
}

std::string embedded_json(const Matrix& matrix, const Asked& asked, const fs::path& out) {
  ordered_json failed = ordered_json::array();
  for (const std::size_t i : matrix.failed)
    failed.push_back({{"row", i}, {"name", asked.kind == "text" ? asked.name(i) : asked.things[i]}});
  const ordered_json json = {
      {"out", out.string()}, {"rows", asked.things.size()}, {"dim", matrix.dim}, {"failed", failed}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// Weights that nobody trained make numbers that mean nothing: said before they are computed.
void note_fresh_weights(const graph::ResolvedGraph& graph, const Arguments& arguments, report::Progress& progress) {
  if (arguments.has("weights")) return;
  for (const graph::ResolvedStage& stage : graph.stages)
    if (stage.name == arguments.text("stage") && stage.description.trainable &&
        (!stage.weights || stage.weights->drawn))
      progress.note("note: the weights of '" + stage.name + "' are drawn, not trained; --weights RUN takes a run's");
}

Result<ExitCode> embed(const Arguments& arguments) {
  for (const char* needed : {"stage", "out"})
    if (!arguments.has(needed)) return Error{ErrorCode::kInvalidArgument, std::string("embed wants --") + needed};
  const fs::path out = arguments.text("out");
  std::error_code failure;
  if (const fs::path folder = fs::absolute(out).parent_path(); !fs::is_directory(folder, failure))
    return Error{ErrorCode::kInvalidArgument,
                 "--out is '" + out.string() + "', but there is no folder " + folder.string()};
  const Result<Asked> asked = asked_for(arguments);
  if (!asked.ok()) return asked.error();
  const GraphInput input(arguments);
  std::optional<graph::ResolvedGraph> graph = input.open(arguments.operands()[0]);
  if (!graph) return ExitCode::kWrong;
  Result<run::RunOptions> options = run_options(arguments);
  if (!options.ok()) return options.error();
  report::Progress progress(stderr, arguments.flag("quiet"));
  options->progress = &progress;
  const Result<std::string> flow = prepare(*graph, input.catalogue(), arguments, *asked);
  if (!flow.ok()) return flow.error();
  note_fresh_weights(*graph, arguments, progress);
  const std::string stage = arguments.text("stage");
  const Result<std::vector<run::Seen>> rows =
      run::watch(*graph, input.catalogue(),
                 {.flow = *flow, .stage = stage, .limit = 0, .weights = arguments.text("weights")}, *options);
  progress.end();
  if (!rows.ok() && rows.error().code == ErrorCode::kCancelled) return ExitCode::kInterrupted;
  if (!rows.ok()) return rows.error();
  const Result<Matrix> matrix = matrix_of(*rows, *asked, stage);
  if (!matrix.ok()) return matrix.error();
  if (const Status written = write_matrix(*matrix, out); !written.ok()) return written.error();
  std::cout << (arguments.flag("json") ? embedded_json(*matrix, *asked, out) : embedded_text(*matrix, *asked, out));
  return ExitCode::kDone;
}

void declare(po::options_description& options) {
  options.add_options()("stage", po::value<std::string>()->value_name("NAME"), "the stage whose embeddings are wanted");
  options.add_options()("out", po::value<std::string>()->value_name("X.npy"), "the matrix: a row a file or sentence");
  options.add_options()("text", po::value<std::string>()->value_name("FILE"), "a sentence a line; - is standard input");
  options.add_options()("keep-going", po::bool_switch(),
                        "what cannot be embedded is named and left as a row of NaN; without it, it ends the command");
  options.add_options()("weights", po::value<std::string>()->value_name("RUN"),
                        "with the weights of a run; those of the graph where not given");
  declare_graph_options(options);
  declare_thread_options(options);
  declare_quiet(options);
  declare_json(options);
}

}  // namespace

constinit const Command kEmbed = {.name = "embed",
                                  .operands = "GRAPH [FILE...]",
                                  .min_operands = 1,
                                  .max_operands = kAnyNumber,
                                  .sentence = "writes the embeddings of files, or of sentences, as a .npy file",
                                  .declare = declare,
                                  .run = embed};

}  // namespace earshot::tools
