#include "shape.h"

#include <algorithm>
#include <utility>

namespace earshot::graph {
namespace {

std::vector<int> topological_order(const DraftFlow& flow) {
  std::vector<int> waiting(flow.nodes.size(), 0);
  for (const DraftLink& link : flow.links)
    if (link.from >= 0 && link.to >= 0) ++waiting[static_cast<std::size_t>(link.to)];
  std::vector<int> order;
  std::vector<bool> done(flow.nodes.size(), false);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
      if (done[i] || waiting[i] != 0) continue;
      done[i] = moved = true;
      if (!flow.nodes[i].gone) order.push_back(static_cast<int>(i));
      for (const DraftLink& link : flow.links)
        if (link.from == static_cast<int>(i) && link.to >= 0) --waiting[static_cast<std::size_t>(link.to)];
    }
  }
  return order;
}

std::size_t live_nodes(const DraftFlow& flow) {
  return static_cast<std::size_t>(
      std::count_if(flow.nodes.begin(), flow.nodes.end(), [](const DraftNode& node) { return !node.gone; }));
}

// One cycle among the nodes that have no place in the order.
void report_cycle(const Draft& draft, const DraftFlow& flow, const std::vector<int>& order, Findings& findings) {
  const auto ordered = [&](int node) { return std::find(order.begin(), order.end(), node) != order.end(); };
  const auto into = [&](int node) -> const DraftLink* {
    for (const DraftLink& link : flow.links)
      if (link.to == node && link.from >= 0 && !ordered(link.from)) return &link;
    return nullptr;
  };
  int start = 0;
  while (flow.nodes[static_cast<std::size_t>(start)].gone || ordered(start)) ++start;
  std::vector<int> path;  // backwards, until a node comes again
  for (int node = start; std::find(path.begin(), path.end(), node) == path.end(); node = into(node)->from)
    path.push_back(node);
  const int meeting = into(path.back())->from;
  path.erase(path.begin(), std::find(path.begin(), path.end(), meeting));
  std::reverse(path.begin(), path.end());
  std::string text = draft.stage(flow, meeting).resolved.name;
  for (const int node : path) text += " -> " + draft.stage(flow, node).resolved.name;
  findings.error(into(meeting)->to_span, "a cycle: " + text, "a flow has a beginning and an end");
}

class Shaper {
 public:
  Shaper(const Draft& draft, DraftFlow& flow, Findings& findings) : draft_(draft), flow_(flow), findings_(findings) {}

  void shape(int index) {
    DraftNode& node = at(index);
    const PluginDescription* const description = draft_.description(flow_, index);
    std::vector<const DraftLink*> inputs;
    for (const DraftLink& link : flow_.links)
      if (link.to == index && link.from >= 0) inputs.push_back(&link);
    node.source = description != nullptr && description->kind == StageKind::kSource ? index : kUnknown;
    if (node.source == index || inputs.empty()) return;
    if (description == nullptr) return follow(node, inputs);
    if (description->kind == StageKind::kCollect) {
      gather(node, inputs);
      return;
    }
    follow(node, inputs);
    check_alike(index, inputs);
    set_level(index, *description, inputs);
  }

 private:
  DraftNode& at(int index) { return flow_.nodes[static_cast<std::size_t>(index)]; }
  const DraftNode& from(const DraftLink& link) const { return flow_.nodes[static_cast<std::size_t>(link.from)]; }

  // The expand whose children come along a link; -1 for whole items.
  int children_on(const DraftLink& link) const {
    const PluginDescription* const description = draft_.description(flow_, link.from);
    if (description != nullptr && description->kind == StageKind::kExpand) return link.from;
    if (description != nullptr && description->kind == StageKind::kCollapse) {
      const int expand = from(link).expand;
      return expand < 0 ? -1 : flow_.nodes[static_cast<std::size_t>(expand)].expand;
    }
    return from(link).expand;
  }

  void follow(DraftNode& node, const std::vector<const DraftLink*>& inputs) const {
    const DraftNode& first = from(*inputs.front());
    node.view = first.view;
    node.source = first.source;
    node.expand = children_on(*inputs.front());
    node.level = first.level;
  }

  void gather(DraftNode& node, const std::vector<const DraftLink*>& inputs) const {
    follow(node, inputs);
    node.level = Level::kStream;
    node.expand = -1;
    for (const DraftLink* const link : inputs)
      if (from(*link).source != node.source) node.source = kSeveral;
    if (node.source < 0) node.view.clear();
  }

  std::string view_name(int source) const {
    if (source < 0) return "several views";
    const DraftNode& node = flow_.nodes[static_cast<std::size_t>(source)];
    const std::string& name = draft_.stage(flow_, source).resolved.name;
    return node.view.empty() ? name : name + "." + node.view;
  }

  void check_alike(int index, const std::vector<const DraftLink*>& inputs) {
    const DraftNode& node = at(index);
    for (const DraftLink* const link : inputs) {
      if (from(*link).source == kUnknown || node.source == kUnknown) return;
      if (from(*link).source != node.source) {
        findings_.error(link->to_span,
                        called(draft_.stage(flow_, index)) + " joins " + view_name(node.source) + " with " +
                            view_name(from(*link).source),
                        "only a collect joins views: their items are not the same");
        return;
      }
      if (children_on(*link) != node.expand) {
        findings_.error(link->to_span, called(draft_.stage(flow_, index)) + " joins children of an expand with others",
                        "bring them back with a collapse first");
        return;
      }
      if (from(*link).level == Level::kStream) {
        findings_.error(link->to_span, "nothing can follow " + called(draft_.stage(flow_, link->from)) +
                                           ": it collects whole streams");
        return;
      }
    }
  }

  void set_level(int index, const PluginDescription& description, const std::vector<const DraftLink*>& inputs) {
    DraftNode& node = at(index);
    switch (description.kind) {
      case StageKind::kBatchMap:
      case StageKind::kStep:
        node.level = Level::kBatch;
        return;
      case StageKind::kExpand:
        if (node.level == Level::kBatch)
          findings_.error(inputs.front()->to_span,
                          called(draft_.stage(flow_, index)) + " takes items apart, but its input comes in batches",
                          "put it before the first stage that works on batches");
        if (node.expand >= 0)
          findings_.error(inputs.front()->to_span,
                          called(draft_.stage(flow_, index)) + " is an expand inside an expand", "one at a time");
        node.level = Level::kItem;
        return;
      case StageKind::kCollapse:
        if (node.expand < 0)
          findings_.error(
              inputs.front()->to_span,
              called(draft_.stage(flow_, index)) + " has no children to bring together: no expand is before it",
              "put an expand (windows) before it");
        node.level = Level::kItem;
        return;
      default:
        break;
    }
    for (const DraftLink* const link : inputs)
      if (from(*link).level != node.level) {
        findings_.error(link->to_span,
                        called(draft_.stage(flow_, index)) + " works item by item, and its inputs are " +
                            level_of(*inputs.front()) + " and " + level_of(*link),
                        "move it before the batches, or bring both behind");
        return;
      }
  }

  std::string level_of(const DraftLink& link) const {
    const std::string level = from(link).level == Level::kBatch ? "batches" : "items";
    return level + " of " + called(draft_.stage(flow_, link.from));
  }

  const Draft& draft_;
  DraftFlow& flow_;
  Findings& findings_;
};

}  // namespace

void find_shape(const Draft& draft, DraftFlow& flow, Findings& findings) {
  const std::vector<int> order = topological_order(flow);
  if (order.size() < live_nodes(flow)) {
    report_cycle(draft, flow, order, findings);
    flow.whole = false;
    return;
  }
  const std::size_t before = findings.errors();
  flow.order = order;
  Shaper shaper(draft, flow, findings);
  for (const int node : order) shaper.shape(node);
  flow.whole = flow.whole && findings.errors() == before;
}

void finish_flow(DraftFlow& flow) {
  std::vector<int> place(flow.nodes.size(), -1);
  for (std::size_t i = 0; i < flow.order.size(); ++i)
    place[static_cast<std::size_t>(flow.order[i])] = static_cast<int>(i);
  const auto renumbered = [&](int node) { return node < 0 ? -1 : place[static_cast<std::size_t>(node)]; };
  for (const int index : flow.order) {
    const DraftNode& node = flow.nodes[static_cast<std::size_t>(index)];
    flow.resolved.nodes.push_back({node.stage, node.view, node.level, renumbered(node.expand)});
  }
  for (const DraftLink& link : flow.links)
    flow.resolved.edges.push_back(
        {renumbered(link.from), link.from_port, renumbered(link.to), link.to_port, link.wire, link.from_span.origin});
}

std::vector<bool> upstream_of(const DraftFlow& flow, int node) {
  std::vector<bool> seen(flow.nodes.size(), false);
  std::vector<int> open = {node};
  while (!open.empty()) {
    const int next = open.back();
    open.pop_back();
    if (next < 0 || seen[static_cast<std::size_t>(next)]) continue;
    seen[static_cast<std::size_t>(next)] = true;
    for (const DraftLink& link : flow.links)
      if (link.to == next) open.push_back(link.from);
  }
  return seen;
}

}  // namespace earshot::graph
