#include "unknown_plugins.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "earshot/pipeline/graph/nearest.h"

namespace earshot::graph {
namespace {

struct Kinds {
  std::set<std::string> taken;
  std::set<std::string> given;
};

// What the wires into and out of a stage carry, as far as their other ends are known.
Kinds kinds_around(const Draft& draft, int stage) {
  Kinds kinds;
  for (const DraftFlow& flow : draft.flows)
    for (const DraftLink& link : flow.links) {
      const auto is_stage = [&](int node) {
        return node >= 0 && flow.nodes[static_cast<std::size_t>(node)].stage == stage;
      };
      const PluginDescription* const from = draft.description(flow, link.from);
      const PluginDescription* const to = draft.description(flow, link.to);
      if (is_stage(link.to) && from != nullptr && link.from_port >= 0)
        kinds.taken.insert(from->outputs[static_cast<std::size_t>(link.from_port)].kind);
      if (is_stage(link.from) && to != nullptr && link.to_port >= 0)
        kinds.given.insert(to->inputs[static_cast<std::size_t>(link.to_port)].kind);
    }
  return kinds;
}

bool has_all(const std::vector<PortDescription>& ports, const std::set<std::string>& kinds) {
  return std::all_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
    return std::any_of(ports.begin(), ports.end(), [&](const PortDescription& port) { return port.kind == kind; });
  });
}

std::string all_of(const std::set<std::string>& kinds) {
  return listed(std::vector<std::string>(kinds.begin(), kinds.end()));
}

// "these take mel and give embedding: beats, cnn"; all plugins where the wires say nothing or nothing fits.
std::string candidates(const Kinds& kinds, const Plugins& plugins) {
  std::vector<std::string> fitting;
  for (const std::string& name : plugins.names()) {
    const PluginDescription* const plugin = plugins.find(name);
    if (plugin != nullptr && has_all(plugin->inputs, kinds.taken) && has_all(plugin->outputs, kinds.given))
      fitting.push_back(name);
  }
  if (fitting.empty() || (kinds.taken.empty() && kinds.given.empty())) return "plugins: " + joined(plugins.names());
  std::string out = "these ";
  if (!kinds.taken.empty()) out += "take " + all_of(kinds.taken);
  if (!kinds.taken.empty() && !kinds.given.empty()) out += " and ";
  if (!kinds.given.empty()) out += "give " + all_of(kinds.given);
  return out + ": " + joined(fitting);
}

}  // namespace

void report_unknown_plugins(const Draft& draft, const Plugins& plugins, Findings& findings) {
  for (std::size_t i = 0; i < draft.stages.size(); ++i) {
    const DraftStage& stage = draft.stages[i];
    if (stage.description != nullptr || stage.resolved.plugin.empty()) continue;
    findings.error(stage.plugin, "no plugin is called \"" + stage.resolved.plugin + "\"",
                   did_you_mean(stage.resolved.plugin, plugins.names()),
                   {candidates(kinds_around(draft, static_cast<int>(i)), plugins)});
  }
}

}  // namespace earshot::graph
