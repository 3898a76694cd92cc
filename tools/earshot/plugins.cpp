// earshot plugins, describe and new-plugin: what is there, what it takes, and how to add to it.
#include <algorithm>
#include <iostream>

#include "command.h"
#include "earshot/pipeline/cache/packing.h"
#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/plugins/description_json.h"
#include "earshot/pipeline/plugins/new_plugin.h"
#include "earshot/pipeline/plugins/print.h"
#include "graph_input.h"
#include "table.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

Result<ExitCode> list_plugins(const Arguments& arguments) {
  const plugins::Catalogue catalogue = scan_plugins();
  std::cout << (arguments.flag("json") ? plugins::plugins_json(catalogue) : plugins::plugins_text(catalogue));
  return ExitCode::kDone;
}

// What `cache` does to what a stage makes; nothing for a plugin whose values are no business of a store.
std::string cache_text(const PluginDescription& plugin) {
  const bool computes = plugin.kind == StageKind::kMap || plugin.kind == StageKind::kBatchMap;
  if (!computes || plugin.header_only || plugin.outputs.empty()) return {};
  const bool sound = std::ranges::any_of(plugin.outputs, [](const auto& port) { return port.kind == "waveform"; });
  Table table({Align::kLeft, Align::kLeft});
  table.add({"cache = true", "keeps it " + std::string(loss_of(cache::Form::kExact))});
  for (const cache::Form form : {cache::Form::kFp16, cache::Form::kPcm16, cache::Form::kFlac})
    if (sound || form == cache::Form::kFp16)
      table.add({"cache = \"" + std::string(to_string(form)) + "\"", "keeps it " + std::string(loss_of(form))});
  return "\nin a store, for stages that no run trains\n" + table.text(2);
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
  std::cout << (arguments.flag("json") ? plugins::to_json(*description)
                                       : plugins::describe_text(*description) + cache_text(*description));
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
