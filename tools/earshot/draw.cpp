// earshot draw: the picture of a graph.
#include "earshot/pipeline/graph/draw.h"

#include <iostream>

#include "command.h"
#include "graph_input.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

Result<ExitCode> draw(const Arguments& arguments) {
  const std::string format = arguments.text("format");
  if (format != "text" && format != "dot")
    return Error{ErrorCode::kInvalidArgument, "--format is \"" + format + "\"; text or dot was expected"};
  const GraphInput input(arguments);
  const std::optional<graph::ResolvedGraph> graph = input.open(arguments.operands()[0], Weights::kClosed);
  if (!graph) return ExitCode::kWrong;
  std::cout << (format == "dot" ? graph::draw_dot(*graph) : graph::draw_text(*graph));
  return ExitCode::kDone;
}

void declare(po::options_description& options) {
  options.add_options()("format", po::value<std::string>()->default_value("text")->value_name("text|dot"),
                        "lines for a terminal, or DOT for Graphviz");
  declare_graph_options(options);
}

}  // namespace

constinit const Command kDraw = {.name = "draw",
                                 .operands = "GRAPH",
                                 .min_operands = 1,
                                 .max_operands = 1,
                                 .sentence = "draws the flows of a graph",
                                 .declare = declare,
                                 .run = draw};

}  // namespace earshot::tools
