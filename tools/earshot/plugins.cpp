// earshot plugins, describe and new-plugin: what is there, what it takes, and how to add to it.
#include <iostream>

#include "command.h"
#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/plugins/description_json.h"
#include "earshot/pipeline/plugins/new_plugin.h"
#include "earshot/pipeline/plugins/print.h"
#include "graph_input.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

Result<ExitCode> list_plugins(const Arguments& arguments) {
  const plugins::Catalogue catalogue = scan_plugins();
  std::cout << (arguments.flag("json") ? plugins::plugins_json(catalogue) : plugins::plugins_text(catalogue));
  return ExitCode::kDone;
}

Result<ExitCode> describe(const Arguments& arguments) {
  const plugins::Catalogue catalogue = scan_plugins();
  const std::string& name = arguments.operands()[0];
  const PluginDescription* description = catalogue.find(name);
  if (description == nullptr) {
    const std::vector<std::string> names = catalogue.names();
    const std::string meant = graph::did_you_mean(name, names);
    return Error{ErrorCode::kInvalidArgument, "no plugin is called \"" + name + "\"; " +
                                                  (meant.empty() ? "these are: " + graph::joined(names) : meant)};
  }
  std::cout << (arguments.flag("json") ? plugins::to_json(*description) : plugins::describe_text(*description));
  return ExitCode::kDone;
}

Result<ExitCode> make_plugin(const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const std::string folder = arguments.has("out") ? arguments.text("out") : name;
  if (const Status made = plugins::new_plugin(name, folder); !made.ok()) return made.error();
  std::cout << folder << ": " << name << ".cpp, its test graph and how to build it are there; read " << folder
            << "/README.md\n";
  return ExitCode::kDone;
}

void declare_new_plugin(po::options_description& options) {
  options.add_options()("out", po::value<std::string>()->value_name("DIR"), "the folder to make; NAME where not given");
}

}  // namespace

constinit const Command kPlugins = {
    .name = "plugins",
    .operands = "",
    .sentence = "lists the plugins that are there, and those that cannot be used with the reason",
    .declare = declare_json,
    .run = list_plugins};

constinit const Command kDescribe = {
    .name = "describe",
    .operands = "PLUGIN",
    .min_operands = 1,
    .max_operands = 1,
    .sentence = "says what a plugin does: options, ports, units, and a stanza to paste",
    .declare = declare_json,
    .run = describe};

constinit const Command kNewPlugin = {.name = "new-plugin",
                                      .operands = "NAME",
                                      .min_operands = 1,
                                      .max_operands = 1,
                                      .sentence = "writes a folder with a plugin of your own to begin with",
                                      .declare = declare_new_plugin,
                                      .run = make_plugin};

}  // namespace earshot::tools
