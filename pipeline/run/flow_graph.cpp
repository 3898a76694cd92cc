#include "flow_graph.h"

#include "cached_pass.h"
#include "execute.h"
#include "stamps.h"

namespace earshot::run {
namespace {

using Ports = std::tuple<Message>;
using Queueing = tbb::flow::multifunction_node<Message, Ports, tbb::flow::queueing>;
using Async = tbb::flow::async_node<Message, Message>;

bool is_map(const NodePlan& node) {
  return node.description->kind == StageKind::kMap && !node.batch && !node.admission;
}

}  // namespace

FlowGraph::FlowGraph(PassState& pass, tbb::task_arena& arena)
    : pass_(pass), arena_(arena), ends_(pass.topology.nodes.size()) {
  for (const NodePlan& node : pass.topology.nodes)
    if (!node.admission && ends_[static_cast<std::size_t>(node.index)].out == nullptr) make_node(node);
  for (const NodePlan& node : pass.topology.nodes) {
    if (node.admission || next_in_chain(node) != nullptr) continue;
    for (const int successor : node.successors)
      tbb::flow::make_edge(*ends_[static_cast<std::size_t>(node.index)].out, receiver(node.index, successor));
  }
}

FlowGraph::~FlowGraph() { graph_.wait_for_all(); }

FlowGraph::Receiver& FlowGraph::receiver(int from, int to) {
  const auto collect = collects_.find({from, to});
  return collect == collects_.end() ? *ends_[static_cast<std::size_t>(to)].in : *collect->second;
}

void FlowGraph::make_node(const NodePlan& node) {
  if (node.description->kind == StageKind::kCollect) return make_collect(node);
  if (node.description->kind == StageKind::kCollapse) return make_collapse(node);
  if (!node.batch) {
    std::vector<const NodePlan*> chain;
    for (const NodePlan* map = &node; map != nullptr; map = next_in_chain(*map)) chain.push_back(map);
    return make_maps(std::move(chain));
  }
  if (node.description->compute_lane) return make_lane(node);
  return make_batch(node);
}

BatchPtr FlowGraph::batch_ready(const NodePlan& node, const Message& message) {
  const bool item = message->kind == Envelope::Kind::kItem;
  BatchPtr batch =
      item ? static_cast<ItemEnvelope&>(*message).batch : BatchPtr(static_cast<BatchEnvelope*>(message.get()));
  return batch->arrive(node) ? batch : BatchPtr();
}

void FlowGraph::reach_sink(const NodePlan& node, ItemEnvelope& item) {
  if (node.sink) item.reach_sink();
}

const NodePlan* FlowGraph::next_in_chain(const NodePlan& node) const {
  if (!is_map(node) || node.successors.size() != 1) return nullptr;
  const NodePlan& next = pass_.topology.nodes[static_cast<std::size_t>(node.successors.front())];
  return is_map(next) && next.arrivals == 1 ? &next : nullptr;
}

bool FlowGraph::ready(const NodePlan& node, const ItemEnvelope& item, const std::function<void()>& again) {
  if (item.stamps == nullptr || item.stamps->of(node.index) == Stamp::kNotNeeded) return true;
  for (const Kept& kept : item.stamps->kept) {
    if (kept.node != node.index || !kept.waits) continue;
    graph_.reserve_wait();
    const bool there = pass_.cached->keeper().ready(kept, [this, again] {
      on_worker(again);
      graph_.release_wait();
    });
    if (!there) return false;
    graph_.release_wait();
  }
  return true;
}

void FlowGraph::make_maps(std::vector<const NodePlan*> chain) {
  const NodePlan& first = *chain.front();
  const NodePlan& last = *chain.back();
  const auto body = [this, &first, &last, chain](const Message& message, auto& ports) noexcept {
    auto& item = static_cast<ItemEnvelope&>(*message);
    std::uint8_t* const waited = item.stamps == nullptr ? nullptr : item.stamps->waited_at(first.index);
    const bool back = waited != nullptr && *waited > 0;
    if (!back && !item.arrive(first)) return;
    for (std::size_t at = back ? *waited - 1U : 0U; at < chain.size(); ++at) {
      if (waited != nullptr) *waited = static_cast<std::uint8_t>(at + 1);
      const auto again = [this, &first, message] { receiver_of(first).try_put(message); };
      if (!ready(*chain[at], item, again)) return;
      execute_item(pass_, *chain[at], item);
    }
    reach_sink(last, item);
    if (!last.sink) std::get<0>(ports).try_put(message);
  };
  auto made = std::make_unique<Queueing>(graph_, tbb::flow::unlimited, body);
  for (const NodePlan* node : chain)
    ends_[static_cast<std::size_t>(node->index)] = {made.get(), &tbb::flow::output_port<0>(*made)};
  owned_.push_back(std::move(made));
}

void FlowGraph::make_batch(const NodePlan& node) {
  const auto concurrency = node.description->kind == StageKind::kMap ? tbb::flow::unlimited : tbb::flow::serial;
  auto made = std::make_unique<Queueing>(graph_, concurrency, [this, &node](const Message& message, auto& ports) {
    const BatchPtr batch = batch_ready(node, message);
    if (batch == nullptr) return;
    execute_batch(pass_, node, *batch);
    batch->finish_task();
    if (!node.sink) std::get<0>(ports).try_put(Message(batch));
  });
  ends_[static_cast<std::size_t>(node.index)] = {made.get(), &tbb::flow::output_port<0>(*made)};
  owned_.push_back(std::move(made));
}

void FlowGraph::make_lane(const NodePlan& node) {
  auto made = std::make_unique<Async>(
      graph_, tbb::flow::unlimited, [this, &node](const Message& message, Async::gateway_type& gateway) {
        BatchPtr batch = batch_ready(node, message);
        if (batch == nullptr) return;
        gateway.reserve_wait();
        const std::int64_t number = batch->number;
        pass_.lane.submit(number, node.lane_position, [this, &node, &gateway, batch = std::move(batch)] {
          execute_batch(pass_, node, *batch);
          batch->finish_task();
          if (!node.sink) gateway.try_put(Message(batch));
          gateway.release_wait();
        });
      });
  ends_[static_cast<std::size_t>(node.index)] = {made.get(), &tbb::flow::output_port<0>(*made)};
  owned_.push_back(std::move(made));
}

void FlowGraph::make_collapse(const NodePlan& node) {
  const int slot = node.inputs.front().slot;
  auto made = std::make_unique<Queueing>(graph_, tbb::flow::unlimited,
                                         [this, &node, slot](const Message& message, auto& ports) {
                                           const auto back = [&](const ItemPtr& child, PayloadPtr payload) {
                                             const ItemPtr parent = child->parent;
                                             if (!child->return_to_parent(std::move(payload))) return;
                                             execute_collapse(pass_, node, *parent);
                                             reach_sink(node, *parent);
                                             if (!node.sink) std::get<0>(ports).try_put(Message(parent));
                                           };
                                           if (message->kind == Envelope::Kind::kItem) {
                                             const ItemPtr child(static_cast<ItemEnvelope*>(message.get()));
                                             back(child, child->read(slot));
                                             child->reach_sink();
                                             return;
                                           }
                                           const BatchPtr batch(static_cast<BatchEnvelope*>(message.get()));
                                           std::map<std::string_view, PayloadPtr> by_id;
                                           std::vector<Row> rows = batch->read(slot);
                                           for (Row& row : rows) by_id.emplace(row.id, std::move(row.payload));
                                           for (const ItemPtr& child : batch->rows) {
                                             const auto found = by_id.find(child->header.id);
                                             back(child, found == by_id.end() ? nullptr : std::move(found->second));
                                           }
                                           batch->finish_task();
                                         });
  ends_[static_cast<std::size_t>(node.index)] = {made.get(), &tbb::flow::output_port<0>(*made)};
  owned_.push_back(std::move(made));
}

// One node a predecessor, so that a message says by its way which inputs it brings.
void FlowGraph::make_collect(const NodePlan& node) {
  streams_.push_back(std::make_unique<Streams>(pass_, node));
  Streams& streams = *streams_.back();
  for (const InputSlot& first : node.inputs) {
    const int from = first.from_node;
    if (collects_.contains({from, node.index})) continue;
    auto made = std::make_unique<tbb::flow::function_node<Message>>(
        graph_, tbb::flow::unlimited, [&node, &streams, from](const Message& message) {
          const bool is_item = message->kind == Envelope::Kind::kItem;
          auto* item = is_item ? static_cast<ItemEnvelope*>(message.get()) : nullptr;
          auto* batch = is_item ? nullptr : static_cast<BatchEnvelope*>(message.get());
          for (const InputSlot& input : node.inputs) {
            if (input.from_node != from) continue;
            std::vector<Row> rows;
            if (batch != nullptr)
              rows = batch->read(input.slot);
            else if (PayloadPtr payload = item->read(input.slot))
              rows.push_back({item->header.id, item->header.related, std::move(payload)});
            streams.deliver(input.port, is_item ? item->sequence : batch->order, std::move(rows));
          }
          if (is_item)
            item->reach_sink();
          else
            batch->finish_task();
        });
    collects_[{from, node.index}] = made.get();
    owned_.push_back(std::move(made));
  }
}

void FlowGraph::on_worker(std::function<void()> work) {
  graph_.reserve_wait();
  arena_.enqueue([this, work = std::move(work)] {
    work();
    graph_.release_wait();
  });
}

void FlowGraph::start(std::vector<ItemPtr> items) {
  // Emptied inside: an item says what became of it when its last holder lets go, which must be before the graph is
  // done.
  on_worker([this, held = std::make_shared<std::vector<ItemPtr>>(std::move(items))] {
    for (const ItemPtr& item : *held) start_one(item);
    held->clear();
  });
}

void FlowGraph::start_one(const ItemPtr& item) {
  const Region& region = pass_.topology.regions[static_cast<std::size_t>(item->region)];
  const auto put_behind = [&](const NodePlan& node) {
    for (const int successor : node.successors) {
      const NodePlan& next = pass_.topology.nodes[static_cast<std::size_t>(successor)];
      if (!next.admission) receiver(node.index, successor).try_put(Message(item));
    }
  };
  const NodePlan& root = pass_.topology.nodes[static_cast<std::size_t>(region.root_node)];
  put_behind(root);
  for (const int index : region.nodes) {
    const NodePlan& node = pass_.topology.nodes[static_cast<std::size_t>(index)];
    const bool expand = node.description->kind == StageKind::kExpand;
    if (node.admission && !expand && index != region.root_node) put_behind(node);
  }
}

void FlowGraph::finish() {
  graph_.wait_for_all();
  for (const auto& streams : streams_) streams->finish();
}

}  // namespace earshot::run
