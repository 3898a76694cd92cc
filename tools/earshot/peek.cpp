// earshot peek: what flows at the outputs of a flow.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "command.h"
#include "graph_input.h"
#include "record_view.h"
#include "run_options.h"
#include "table.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;
using nlohmann::ordered_json;

constexpr std::size_t kLongestText = 72;  // bytes of a text that are shown

// A text on one line, cut between two characters.
std::string shown(std::string text) {
  for (char& c : text)
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = ' ';
  std::size_t end = std::min(text.size(), kLongestText);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return "\"" + text.substr(0, end) + "\"" + (end < text.size() ? "..." : "");
}

// "logmel.mel.0-scene-1_w0": what a file of this row is called.
std::string file_stem(const run::Seen& seen) {
  std::string stem = seen.stage + "." + seen.port + "." + std::to_string(seen.sequence) + "-";
  for (const char c : seen.row.id) stem += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
  return stem;
}

ordered_json json_of(const run::Seen& seen, const Record& record) {
  ordered_json json = {{"stage", seen.stage},
                       {"port", seen.port},
                       {"item", seen.row.id},
                       {"kind", record.kind},
                       {"shape", record.shape}};
  json["facts"] = record.facts;
  if (record.dtype == DType::kUtf8) json["text"] = text_of(record);
  if (const auto figures = figures_of(record))
    json.update({{"min", figures->min}, {"mean", figures->mean}, {"max", figures->max}, {"nan", figures->nan_share}});
  return json;
}

std::string facts_text(const Record& record) {
  std::string text;
  for (const auto& [fact, value] : record.facts)
    text.append(text.empty() ? "" : ", ").append(fact).append(" ").append(value);
  return text;
}

// Rows of one port under a heading with the facts of the first.
class PortTables {
 public:
  void add(const run::Seen& seen, const Record& record) {
    const std::string port = seen.stage + "." + seen.port;
    if (port != port_) {
      flush();
      port_ = port;
      facts_ = record.kind + (record.facts.empty() ? "" : "  (" + facts_text(record) + ")");
    }
    if (record.dtype == DType::kUtf8) return rows_.add({seen.row.id, shown(text_of(record))});
    std::vector<std::string> cells = {seen.row.id, shape_text(record)};
    if (const auto figures = figures_of(record))
      cells.insert(cells.end(),
                   {"min " + figure_text(figures->min), "mean " + figure_text(figures->mean),
                    "max " + figure_text(figures->max), "NaN " + figure_text(100 * figures->nan_share) + " %"});
    rows_.add(std::move(cells));
  }
  std::string text() {
    flush();
    return text_;
  }

 private:
  static Table empty() {
    using enum Align;
    return Table({kLeft, kLeft, kLeft, kLeft, kLeft, kLeft});
  }
  void flush() {
    if (!rows_.empty()) text_ += port_ + "  " + facts_ + "\n" + rows_.text(2);
    rows_ = empty();
  }
  std::string port_;
  std::string facts_;
  Table rows_ = empty();
  std::string text_;
};

Result<std::string> flow_of(const Arguments& arguments, const graph::ResolvedGraph& graph) {
  if (arguments.has("flow")) return arguments.text("flow");
  if (graph.flows.size() == 1) return graph.flows[0].name;
  std::string names;
  for (const graph::ResolvedFlow& flow : graph.flows) names += (names.empty() ? "" : ", ") + flow.name;
  return Error{ErrorCode::kInvalidArgument, "say which flow with --flow; these are: " + names};
}

Status show(const std::vector<run::Seen>& rows, const Arguments& arguments) {
  const std::filesystem::path folder = arguments.text("save");
  std::error_code failure;
  if (!folder.empty()) std::filesystem::create_directories(folder, failure);
  if (failure) return Error{ErrorCode::kIo, "cannot make '" + folder.string() + "': " + failure.message()};
  PortTables tables;
  ordered_json json = ordered_json::array();
  for (const run::Seen& seen : rows) {
    Result<Record> record = seen.row.payload->to_record();
    if (record.ok()) record = without_neighbours(*std::move(record));
    if (!record.ok()) {
      std::cerr << seen.stage << "." << seen.port << ": " << record.error().message << '\n';
      continue;
    }
    tables.add(seen, *record);
    json.push_back(json_of(seen, *record));
    if (folder.empty()) continue;
    if (Status saved = save_record(*record, folder / file_stem(seen)); !saved.ok()) return saved;
  }
  if (arguments.flag("json"))
    std::cout << json.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  else
    std::cout << tables.text();
  return {};
}

Result<ExitCode> peek(const Arguments& arguments) {
  const GraphInput input(arguments);
  const std::optional<graph::ResolvedGraph> graph = input.open(arguments.operands()[0]);
  if (!graph) return ExitCode::kWrong;
  const Result<std::string> flow = flow_of(arguments, *graph);
  if (!flow.ok()) return flow.error();
  const Result<std::int64_t> items = arguments.number("items", 1, 1'000'000);
  if (!items.ok()) return items.error();
  const Result<run::RunOptions> options = run_options(arguments);
  if (!options.ok()) return options.error();
  const Result<std::vector<run::Seen>> rows = run::watch(*graph, input.catalogue(),
                                                         {.flow = *flow,
                                                          .stage = arguments.text("at"),
                                                          .limit = *items,
                                                          .weights = arguments.text("weights"),
                                                          .training = arguments.flag("training")},
                                                         *options);
  if (!rows.ok() && rows.error().code == ErrorCode::kCancelled) return ExitCode::kInterrupted;
  if (!rows.ok()) return rows.error();
  if (const Status shown_rows = show(*rows, arguments); !shown_rows.ok()) return shown_rows.error();
  return ExitCode::kDone;
}

void declare(po::options_description& options) {
  options.add_options()("flow", po::value<std::string>()->value_name("F"), "the flow; may be left out where it is one");
  options.add_options()("at", po::value<std::string>()->value_name("STAGE"), "only the outputs of this stage");
  options.add_options()("items", po::value<std::int64_t>()->default_value(3)->value_name("N"), "records of each view");
  options.add_options()("save", po::value<std::string>()->value_name("DIR"),
                        "write what was seen as .npy, .txt, .wav and .png");
  options.add_options()("weights", po::value<std::string>()->value_name("RUN"),
                        "with the weights of a run; fresh ones where not given");
  options.add_options()("training", po::bool_switch(), "with random augmentation, as in training");
  declare_graph_options(options);
  declare_thread_options(options);
  declare_json(options);
}

}  // namespace

constinit const Command kPeek = {.name = "peek",
                                 .operands = "GRAPH",
                                 .min_operands = 1,
                                 .max_operands = 1,
                                 .sentence = "shows what flows at the outputs of a flow: shapes, figures, texts",
                                 .declare = declare,
                                 .run = peek};

}  // namespace earshot::tools
