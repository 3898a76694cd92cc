#include "bypass.h"

#include <algorithm>
#include <vector>

namespace earshot::graph {
namespace {

// The output that takes up what the first input gives; -1 where no kind fits.
int passing_output(const PluginDescription& description) {
  if (description.inputs.empty()) return -1;
  for (std::size_t i = 0; i < description.outputs.size(); ++i)
    if (description.outputs[i].kind == description.inputs.front().kind) return static_cast<int>(i);
  return -1;
}

void report_kinds(const DraftStage& stage, Findings& findings) {
  const PluginDescription& description = *stage.description;
  const std::string in = description.inputs.empty() ? "takes nothing" : "takes " + description.inputs.front().kind;
  const std::string out = description.outputs.empty() ? "gives nothing" : "gives " + description.outputs.front().kind;
  findings.error(*stage.bypass, called(stage) + " cannot be bypassed: it " + in + " and " + out,
                 "only a stage that gives what it takes can be");
}

void bypass(const Draft& draft, DraftFlow& flow, int node, Findings& findings) {
  const DraftStage& stage = draft.stage(flow, node);
  const int output = passing_output(*stage.description);
  if (output < 0) return report_kinds(stage, findings);
  const auto feeding = std::find_if(flow.links.begin(), flow.links.end(),
                                    [&](const DraftLink& link) { return link.to == node && link.to_port == 0; });
  if (feeding == flow.links.end()) return;  // reported as an input without a wire
  const DraftLink feed = *feeding;
  std::vector<DraftLink> kept;
  for (DraftLink link : flow.links) {
    if (link.to == node) continue;
    if (link.from == node && link.from_port == output) {
      link.from = feed.from;
      link.from_port = feed.from_port;
      link.from_span = feed.from_span;
    } else if (link.from == node) {
      const PluginDescription* const target = draft.description(flow, link.to);
      if (target != nullptr && link.to_port >= 0 && !target->inputs[static_cast<std::size_t>(link.to_port)].optional)
        findings.error(link.from_span,
                       called(stage) + " is bypassed, but input \"" +
                           target->inputs[static_cast<std::size_t>(link.to_port)].name + "\" of " +
                           called(draft.stage(flow, link.to)) + " needs this output of it",
                       "remove the wire, or the bypass");
      link.from = link.from_port = -1;
      if (target != nullptr && link.to_port >= 0 && target->inputs[static_cast<std::size_t>(link.to_port)].optional)
        continue;
    }
    kept.push_back(std::move(link));
  }
  flow.links = std::move(kept);
  flow.nodes[static_cast<std::size_t>(node)].gone = true;
}

}  // namespace

void bypass_stages(const Draft& draft, DraftFlow& flow, Findings& findings) {
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const DraftStage& stage = draft.stage(flow, static_cast<int>(i));
    if (stage.bypass && stage.description != nullptr) bypass(draft, flow, static_cast<int>(i), findings);
  }
}

}  // namespace earshot::graph
