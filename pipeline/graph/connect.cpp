#include "connect.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "bypass.h"
#include "earshot/pipeline/graph/nearest.h"
#include "wires.h"

namespace earshot::graph {
namespace {

std::vector<std::string> views_of(const PluginDescription& description) {
  std::vector<std::string> views;
  for (const PortDescription& port : description.outputs)
    if (std::find(views.begin(), views.end(), port.view) == views.end()) views.push_back(port.view);
  return views;
}

std::vector<std::string> names_of(const std::vector<PortDescription>& ports) {
  std::vector<std::string> names;
  for (const PortDescription& port : ports) names.push_back(port.name);
  return names;
}

int index_of(const std::vector<PortDescription>& ports, const std::string& name) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return static_cast<int>(i);
  return -1;
}

struct Side {
  int node = -1;
  int port = -1;
};

class Connector {
 public:
  Connector(const Draft& draft, DraftFlow& flow, Findings& findings)
      : draft_(draft), flow_(flow), findings_(findings) {}

  void wire(const Wire& wire) {
    for (std::size_t i = 0; i + 1 < wire.ends.size(); ++i) {
      const WireEnd& from = wire.ends[i];
      const WireEnd& to = wire.ends[i + 1];
      const Side out = output(from, i > 0);
      const Side in = input(to, i + 2 < wire.ends.size());
      flow_.links.push_back({out.node, out.port, in.node, in.port, from.span, to.span, wire.name});
    }
  }

 private:
  // The stage of an end; -1, with a finding the first time, where there is none of that name.
  int stage_of(const WireEnd& end) {
    if (end.parts.empty()) return -1;
    const auto& stages = draft_.stages;
    const auto found = std::find_if(stages.begin(), stages.end(),
                                    [&](const DraftStage& one) { return one.resolved.name == end.parts.front(); });
    if (found != stages.end()) return static_cast<int>(found - stages.begin());
    std::vector<std::string> names;
    for (const DraftStage& one : stages) names.push_back(one.resolved.name);
    Span span = end.span;
    span.length = std::min(span.length, static_cast<int>(end.parts.front().size()));
    findings_.error(span, "there is no stage \"" + end.parts.front() + "\"", did_you_mean(end.parts.front(), names),
                    {"stages: " + listed(names)});
    return -1;
  }

  int node(int stage, const std::string& view, const Span& mention) {
    for (std::size_t i = 0; i < flow_.nodes.size(); ++i)
      if (flow_.nodes[i].stage == stage && flow_.nodes[i].view == view) return static_cast<int>(i);
    DraftNode fresh;
    fresh.stage = stage;
    fresh.view = view;
    fresh.mention = mention;
    flow_.nodes.push_back(std::move(fresh));
    return static_cast<int>(flow_.nodes.size()) - 1;
  }

  const DraftStage& stage(int index) const { return draft_.stages[static_cast<std::size_t>(index)]; }

  Side output(const WireEnd& end, bool middle) {
    const int index = stage_of(end);
    if (index < 0) return {};
    const PluginDescription* const description = stage(index).description;
    if (description == nullptr) return {node(index, "", end.span), -1};
    if (description->kind == StageKind::kSource) return middle ? Side{} : source_output(end, index, *description);
    const Side side{node(index, "", end.span), 0};
    if (description->outputs.empty()) {
      findings_.error(end.span, called(stage(index)) + " has no output: nothing can follow it", "a wire may end here");
      return {side.node, -1};
    }
    if (end.parts.size() == 1) return side;
    return {side.node, port_of(end, description->outputs, middle ? &description->inputs : nullptr, "output", index)};
  }

  Side input(const WireEnd& end, bool middle) {
    const int index = stage_of(end);
    if (index < 0) return {};
    const PluginDescription* const description = stage(index).description;
    if (description == nullptr) return {node(index, "", end.span), -1};
    if (description->kind == StageKind::kSource) {
      findings_.error(end.span, called(stage(index)) + " is a source: nothing can be wired into it",
                      "a wire may start here");
      return {};
    }
    const Side side{node(index, "", end.span), 0};
    if (description->inputs.empty()) {
      findings_.error(end.span, called(stage(index)) + " has no input");
      return {side.node, -1};
    }
    if (end.parts.size() == 1) return side;
    return {side.node, port_of(end, description->inputs, middle ? &description->outputs : nullptr, "input", index)};
  }

  // In the middle of a wire a port may be of the other side (`other`); then this side is its first one.
  int port_of(const WireEnd& end, const std::vector<PortDescription>& ports, const std::vector<PortDescription>* other,
              const std::string& what, int stage_index) {
    const std::string& name = end.parts.back();
    if (end.parts.size() == 3) {
      if (what == "input" || other == nullptr)
        findings_.error(end.span, called(stage(stage_index)) + " is no source: it has no views", "expected STAGE.PORT");
      return -1;
    }
    const int found = index_of(ports, name);
    if (found >= 0) return found;
    if (other != nullptr && index_of(*other, name) >= 0) return 0;
    std::vector<std::string> names = names_of(ports);
    const std::string listing = what + "s of " + stage(stage_index).resolved.plugin + ": " + listed(names);
    // In the middle both sides look the port up; the side of the input reports it.
    if (what == "input" || !other)
      findings_.error(end.span, called(stage(stage_index)) + " has no " + what + " \"" + name + "\"",
                      did_you_mean(name, names), {listing});
    return -1;
  }

  Side source_output(const WireEnd& end, int index, const PluginDescription& description) {
    const std::vector<std::string> views = views_of(description);
    const bool names_view = end.parts.size() > 1 && std::find(views.begin(), views.end(), end.parts[1]) != views.end();
    std::optional<std::string> view;
    if (names_view) view = end.parts[1];
    if (end.parts.size() == 3 && !names_view) {
      findings_.error(end.span, called(stage(index)) + " has no view \"" + end.parts[1] + "\"",
                      did_you_mean(end.parts[1], views), {"views: " + listed(views)});
      return {};
    }
    if (!view && std::find(views.begin(), views.end(), "pairs") != views.end()) view = "pairs";
    if (!view && views.size() == 1) view = views.front();
    if (!view) {
      findings_.error(end.span, called(stage(index)) + " has several views: say which", "expected SOURCE.VIEW.PORT",
                      {"views: " + listed(views)});
      return {};
    }
    const std::string port = end.parts.size() == 3 || (end.parts.size() == 2 && !names_view) ? end.parts.back() : "";
    std::vector<std::string> names;
    for (std::size_t i = 0; i < description.outputs.size(); ++i) {
      if (description.outputs[i].view != *view) continue;
      if (port.empty() || description.outputs[i].name == port)
        return {node(index, *view, end.span), static_cast<int>(i)};
      names.push_back(description.outputs[i].name);
    }
    std::vector<std::string> all = names;
    all.insert(all.end(), views.begin(), views.end());
    std::vector<std::string> notes = {"ports of " + (view->empty() ? "it" : *view) + ": " + listed(names)};
    if (views.size() > 1) notes.push_back("views: " + listed(views));
    findings_.error(end.span, called(stage(index)) + " has no port or view \"" + port + "\"", did_you_mean(port, all),
                    std::move(notes));
    return {};
  }

  const Draft& draft_;
  DraftFlow& flow_;
  Findings& findings_;
};

void check_kinds(const Draft& draft, const DraftFlow& flow, Findings& findings) {
  for (const DraftLink& link : flow.links) {
    if (link.from_port < 0 || link.to_port < 0) continue;
    const PluginDescription& from = *draft.description(flow, link.from);
    const PluginDescription& to = *draft.description(flow, link.to);
    const PortDescription& output = from.outputs[static_cast<std::size_t>(link.from_port)];
    const PortDescription& input = to.inputs[static_cast<std::size_t>(link.to_port)];
    if (output.kind == input.kind) continue;
    std::string hint;
    for (const PortDescription& other : from.outputs)
      if (hint.empty() && other.kind == input.kind && other.view == output.view)
        hint = "its output \"" + other.name + "\" would";
    for (const PortDescription& other : to.inputs)
      if (hint.empty() && other.kind == output.kind)
        hint = "input \"" + other.name + "\" of " + called(draft.stage(flow, link.to)) + " would";
    findings.error(link.from_span,
                   "kinds do not fit: " + called(draft.stage(flow, link.from)) + " gives " + output.kind +
                       ", input \"" + input.name + "\" of " + called(draft.stage(flow, link.to)) + " takes " +
                       input.kind,
                   hint);
  }
}

void check_doubles(const Draft& draft, const DraftFlow& flow, Findings& findings) {
  for (std::size_t i = 0; i < flow.links.size(); ++i) {
    const DraftLink& link = flow.links[i];
    if (link.from < 0 || link.to < 0 || link.to_port < 0) continue;
    const PortDescription& input = draft.description(flow, link.to)->inputs[static_cast<std::size_t>(link.to_port)];
    if (input.many) continue;
    for (std::size_t j = 0; j < i; ++j)
      if (flow.links[j].from >= 0 && flow.links[j].to == link.to && flow.links[j].to_port == link.to_port) {
        findings.error(link.to_span,
                       "two wires into input \"" + input.name + "\" of " + called(draft.stage(flow, link.to)),
                       "the other is at " + place(flow.links[j].to_span.origin));
        break;
      }
  }
}

void check_unwired(const Draft& draft, const DraftFlow& flow, Findings& findings) {
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const int node = static_cast<int>(i);
    const PluginDescription* const description = draft.description(flow, node);
    if (description == nullptr || flow.nodes[i].gone) continue;
    const auto into = [&](int port) {
      return std::any_of(flow.links.begin(), flow.links.end(), [&](const DraftLink& link) {
        return link.to == node && (link.to_port == port || link.to_port < 0);
      });
    };
    for (std::size_t port = 0; port < description->inputs.size(); ++port)
      if (!description->inputs[port].optional && !into(static_cast<int>(port)))
        findings.error(flow.nodes[i].mention,
                       "no wire into input \"" + description->inputs[port].name + "\" of " +
                           called(draft.stage(flow, node)) + " in flow \"" + flow.resolved.name + "\"",
                       "expected one that gives " + description->inputs[port].kind);
  }
}

}  // namespace

void connect(const Draft& draft, DraftFlow& flow, Findings& findings) {
  const std::size_t before = findings.errors();
  const std::string what = "flow \"" + flow.resolved.name + "\"";
  const std::vector<Wire> wires = read_wires(*flow.table, what, findings);
  if (wires.empty() && flow.table->find("wires") != nullptr && findings.errors() == before)
    findings.error(flow.header, what + " has no wires");
  Connector connector(draft, flow, findings);
  for (const Wire& wire : wires) connector.wire(wire);
  bypass_stages(draft, flow, findings);
  check_kinds(draft, flow, findings);
  check_doubles(draft, flow, findings);
  check_unwired(draft, flow, findings);
  const bool known = std::all_of(flow.nodes.begin(), flow.nodes.end(), [&](const DraftNode& node) {
    return draft.stages[static_cast<std::size_t>(node.stage)].description != nullptr;
  });
  flow.whole = known && findings.errors() == before;
}

}  // namespace earshot::graph
