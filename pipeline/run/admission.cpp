#include "admission.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cached_pass.h"
#include "stamps.h"

namespace earshot::run {

// Rows that need not wait for one another are started so many at a time.
constexpr std::size_t kGroup = 16;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

}  // namespace

Admission::Admission(PassState& pass, const FlowPlan& plan, Start start, std::function<Status(int node)> build)
    : pass_(pass), plan_(plan), start_(std::move(start)), build_(std::move(build)), planned_(plan.records()) {
  for (std::size_t r = 0; r < pass.topology.regions.size(); ++r) {
    const Region& region = pass.topology.regions[r];
    if (region.parent >= 0) children_.push_back({.node = region.root_node, .region = static_cast<int>(r)});
  }
}

void Admission::run() {
  const Clock::time_point begun = Clock::now();
  const std::int64_t longest = plan_.batches();
  const std::int64_t end = pass_.request.batch_count < 0
                               ? longest
                               : std::min(longest, pass_.request.first_batch + pass_.request.batch_count);
  for (std::int64_t order = pass_.request.first_batch; order < end && !pass_.stopping(); ++order) {
    if (!admit_round(order)) break;
    ++batches_;
    start_ready_parents(false);
    show_progress();
  }
  for (Children& children : children_) start_children(children, true);
  start_ready_parents(true);
  busy_s_ += seconds_since(begun);
}

// Batch `order` of every view that has one; false when the pass is stopping.
bool Admission::admit_round(std::int64_t order) {
  for (std::size_t view = 0; view < plan_.plans.size(); ++view) {
    const EpochPlan& batches = plan_.plans[view];
    if (order >= static_cast<std::int64_t>(batches.size())) continue;
    if (pass_.stopping()) return false;
    if (!admit_batch(static_cast<int>(view), *plan_.views[view], batches[static_cast<std::size_t>(order)], order))
      return false;
  }
  return true;
}

void Admission::show_progress() {
  if (pass_.request.on_progress) pass_.request.on_progress(pass_.accounts.ended(), planned_);
}

ItemPtr Admission::new_item(int region, const View& view, std::int64_t index, std::int64_t sequence) {
  ItemPtr item(new ItemEnvelope(pass_, region, sequence, view.header(index)));
  if (pass_.cached == nullptr || !pass_.cached->touches(region)) return item;
  item->stamps = std::make_unique<ItemStamps>();
  item->stamps->nodes.assign(pass_.topology.nodes.size(), Stamp::kRun);
  item->stamps->waited.assign(pass_.topology.nodes.size(), 0);
  const int root = pass_.topology.regions[static_cast<std::size_t>(region)].root_node;
  const cache::ContentTable& files = pass_.cached->keeper().contents();
  const std::int64_t changed = files.asked().changed;
  Result<std::map<int, std::string>> contents = pass_.cached->contents(view, index, root, item->stamps->files);
  item->stamps->changed = files.asked().changed > changed;
  const NodePlan& source = pass_.topology.nodes[static_cast<std::size_t>(root)];
  if (contents.ok())
    item->stamps->contents = *std::move(contents);
  else if (pass_.looking && contents.error().code == ErrorCode::kNotFound)
    item->stamps->unknown = true;
  else
    item->fail({root, source.resolved->name, contents.error(), source.resolved->on_error.policy});
  return item;
}

void Admission::open_record(ItemEnvelope& item, const View& view, std::int64_t index) {
  const Region& region = pass_.topology.regions[static_cast<std::size_t>(item.region)];
  const NodePlan& root = pass_.topology.nodes[static_cast<std::size_t>(region.root_node)];
  Result<Outputs> record = Outputs();
  if (!item.failed() && !(item.stamps && item.stamps->unknown && !pass_.opens_unknown)) {
    record = view.record(index);
    if (!record.ok()) item.fail({root.index, root.resolved->name, record.error(), root.resolved->on_error.policy});
  }
  std::size_t given = 0;
  for (std::size_t port = 0; port < root.output_slots.size(); ++port) {
    if (root.description->outputs[port].view != pass_.flow.nodes[static_cast<std::size_t>(root.index)].view) continue;
    PayloadPtr payload = record.ok() && given < record->size() ? (*record)[given] : nullptr;
    ++given;
    for (const Tap& tap : pass_.request.taps)
      if (tap.node == root.index && tap.port == static_cast<int>(port) && payload != nullptr)
        tap.see(item.sequence, Row{item.header.id, item.header.related, payload});
    item.write(root.output_slots[port], std::move(payload), root.consumers[port]);
  }
  for (const int node : region.nodes) {
    const NodePlan& plan = pass_.topology.nodes[static_cast<std::size_t>(node)];
    if (plan.admission && plan.description->kind == StageKind::kMap) execute_item(pass_, plan, item);
  }
}

bool Admission::prepare(int region, const View& view, const std::vector<std::int64_t>& indices,
                        const std::vector<ItemPtr>& rows) {
  const Region& plan = pass_.topology.regions[static_cast<std::size_t>(region)];
  const bool touched = pass_.cached != nullptr && pass_.cached->touches(region);
  const bool first = !touched || pass_.cached->needs_record(region);
  for (std::size_t i = 0; first && i < rows.size(); ++i) open_record(*rows[i], view, indices[i]);
  if (!touched) return true;
  if (!stamp(rows, /*claims=*/plan.expands.empty())) return false;
  for (std::size_t i = 0; !first && i < rows.size(); ++i)
    if (rows[i]->stamps->of(plan.root_node) == Stamp::kRun) open_record(*rows[i], view, indices[i]);
  return true;
}

bool Admission::stamp(std::span<const ItemPtr> rows, bool claims) {
  Status status = pass_.cached->stamp_items(rows, claims);
  for (const ItemPtr& row : rows)
    if (status.ok() && !pass_.looking) status = build_for(*row);
  if (!status.ok()) pass_.break_off(status.error());
  return status.ok();
}

Status Admission::build_for(const ItemEnvelope& item) {
  if (item.stamps == nullptr) return {};
  for (const int index : pass_.topology.regions[static_cast<std::size_t>(item.region)].nodes) {
    if (item.stamps->of(index) != Stamp::kRun) continue;
    // A ranged stage whose values are kept runs those before it by itself.
    for (int at = index;;) {
      const NodePlan& node = pass_.topology.nodes[static_cast<std::size_t>(at)];
      if (node.instance == nullptr)
        if (Status built = build_(at); !built.ok()) return built;
      if (!item.stamps->sounds.contains(index) || node.inputs.empty()) break;
      at = node.inputs.front().from_node;
    }
  }
  return {};
}

bool Admission::admit_batch(int region_index, const View& view, const std::vector<std::int64_t>& indices,
                            std::int64_t order) {
  const Region& region = pass_.topology.regions[static_cast<std::size_t>(region_index)];
  std::vector<ItemPtr> rows;
  for (const std::int64_t index : indices)
    rows.push_back(
        new_item(region_index, view, index, order * pass_.flow.batch + static_cast<std::int64_t>(rows.size())));
  if (!prepare(region_index, view, indices, rows)) return false;
  for (const ItemPtr& row : rows) row->bound_bytes = bound_bytes(pass_, *row, scratch_);
  if (region.expands.empty()) {
    return take_and_start(region_index, order, rows);
  }
  for (const ItemPtr& row : rows) {
    pass_.accounts.admit();
    row->admitted = true;
  }
  expand(region, rows);
  Parents parents{.region = region_index, .order = order, .rows = std::move(rows)};
  for (const int node : region.expands)
    for (const Children& children : children_)
      if (children.node == node) parents.last_child.push_back(children.next_sequence);
  parents_.push_back(std::move(parents));
  return true;
}

void Admission::expand(const Region& region, const std::vector<ItemPtr>& rows) {
  for (const int node : region.expands)
    for (Children& children : children_) {
      if (children.node != node) continue;
      for (const ItemPtr& row : rows) {
        std::vector<ItemPtr> made = children_of(pass_.topology.nodes[static_cast<std::size_t>(node)], children, row);
        children.next_sequence += static_cast<std::int64_t>(made.size());
        for (ItemPtr& child : made) children.waiting.push_back(std::move(child));
        start_children(children, false);
      }
    }
}

std::vector<ItemPtr> Admission::children_of(const NodePlan& node, const Children& children, const ItemPtr& row) {
  if (row->stamps == nullptr) return execute_expand(pass_, node, children.region, row, children.next_sequence);
  std::vector<ItemPtr> made;
  if (row->stamps->of(node.index) == Stamp::kNotNeeded) {
    // One child that carries nothing brings the record to its collapse, where what was kept is read.
    RecordHeader header = row->header;
    header.id += "#kept";
    made.emplace_back(new ItemEnvelope(pass_, children.region, children.next_sequence, std::move(header)));
    made[0]->parent = row;
    row->results.resize(1);
    row->children_left.store(1, std::memory_order_relaxed);
  } else {
    made = execute_expand(pass_, node, children.region, row, children.next_sequence);
  }
  for (const ItemPtr& child : made) {
    child->stamps = std::make_unique<ItemStamps>();
    child->stamps->nodes = row->stamps->nodes;
    child->stamps->waited.assign(child->stamps->nodes.size(), 0);
    child->stamps->contents = row->stamps->contents;
    child->stamps->unknown = row->stamps->unknown;
    child->stamps->changed = row->stamps->changed;
    child->stamps->files = row->stamps->files;
    child->stamps->settled = row->stamps->of(node.index) == Stamp::kNotNeeded;
    if (child->stamps->settled)
      for (const int inner : pass_.topology.regions[static_cast<std::size_t>(children.region)].nodes)
        child->stamps->nodes[static_cast<std::size_t>(inner)] = Stamp::kNotNeeded;
  }
  return made;
}

void Admission::start_children(Children& children, bool all) {
  const auto batch = static_cast<std::size_t>(pass_.flow.batch);
  while (!children.waiting.empty() && (all || children.waiting.size() >= batch)) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(batch, children.waiting.size()));
    const std::vector<ItemPtr> rows(children.waiting.begin(), children.waiting.begin() + count);
    children.waiting.erase(children.waiting.begin(), children.waiting.begin() + count);
    const bool stamped = pass_.cached == nullptr || stamp(rows, /*claims=*/true);
    for (const ItemPtr& row : rows) row->bound_bytes = bound_bytes(pass_, *row, scratch_);
    if (!stamped || !take_and_start(children.region, children.orders, rows)) {
      // The pass is stopping: these children will not run, and their records end with it.
      for (const ItemPtr& row : rows)
        row->fail(
            {children.node, "the run", {ErrorCode::kCancelled, "the run was stopped"}, graph::FailurePolicy::kSkip});
      continue;
    }
    children.batched += count;
    ++children.orders;
    start_ready_parents(false);
  }
}

void Admission::start_ready_parents(bool all) {
  while (!parents_.empty()) {
    Parents& parents = parents_.front();
    std::size_t expand = 0;
    for (const int node : pass_.topology.regions[static_cast<std::size_t>(parents.region)].expands)
      for (const Children& children : children_)
        if (children.node == node && !all && children.batched < parents.last_child[expand++]) return;
    start(parents.region, parents.order, parents.rows);
    parents_.pop_front();
  }
}

bool Admission::take_and_start(int region_index, std::int64_t order, std::span<const ItemPtr> rows) {
  const bool batch = pass_.topology.regions[static_cast<std::size_t>(region_index)].has_batches;
  if (pass_.looking) start_({rows.begin(), rows.end()});
  if (pass_.looking) return true;
  while (!rows.empty()) {
    std::size_t count = 0;
    std::int64_t bytes = 0;
    do {
      warn_if_too_large(*rows[count]);
      bytes += rows[count++]->bound_bytes;
    } while (count < rows.size() &&
             (batch || (count < kGroup && bytes + rows[count]->bound_bytes <= pass_.budget.max_bytes() / 4)));
    const Clock::time_point waiting = Clock::now();
    const bool taken = pass_.budget.take(static_cast<std::int64_t>(count), bytes, [this] { return pass_.stopping(); });
    busy_s_ -= seconds_since(waiting);
    if (!taken) return false;
    for (const ItemPtr& row : rows.first(count)) {
      row->charged = true;
      if (row->parent == nullptr) {
        row->admitted = true;
        pass_.accounts.admit();
      }
    }
    start(region_index, order, {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count)});
    rows = rows.subspan(count);
  }
  return true;
}

void Admission::warn_if_too_large(const ItemEnvelope& item) {
  if (item.bound_bytes <= pass_.budget.max_bytes()) return;
  warnings_.push_back("item '" + item.header.id + "' needs " + std::to_string(item.bound_bytes) +
                      " bytes, more than the whole budget of " + std::to_string(pass_.budget.max_bytes()) +
                      ": it runs alone");
}

void Admission::start(int region_index, std::int64_t order, std::vector<ItemPtr> rows) {
  const Region& region = pass_.topology.regions[static_cast<std::size_t>(region_index)];
  if (pass_.looking) return start_(std::move(rows));
  if (pass_.cached != nullptr) count_work(region, rows);
  if (region.has_batches) {
    const BatchPtr batch(new BatchEnvelope(pass_.topology, region_index, order, rows));
    batch->number = next_number_++;
    pass_.lane.announce(batch->number, region.lane_nodes);
    for (const ItemPtr& row : rows) row->batch = batch;
  }
  start_(std::move(rows));
}

void Admission::count_work(const Region& region, std::span<const ItemPtr> rows) {
  for (const int index : region.nodes) {
    NodeWork& work = pass_.work[static_cast<std::size_t>(index)];
    work.items.fetch_add(std::ssize(rows), std::memory_order_relaxed);
    for (const ItemPtr& row : rows) {
      const Stamp stamp = row->stamps == nullptr ? Stamp::kRun : work_of(pass_.topology, *row->stamps, index);
      if (stamp == Stamp::kNotNeeded) continue;
      (stamp == Stamp::kRun ? work.runs : work.reads).fetch_add(1, std::memory_order_relaxed);
    }
  }
}

}  // namespace earshot::run
