#include "envelope.h"

#include <algorithm>

#include "cached_pass.h"
#include "pass_state.h"
#include "stamps.h"

namespace earshot::run {

ItemEnvelope::ItemEnvelope(PassState& pass, int region_index, std::int64_t sequence_number, RecordHeader record_header)
    : Envelope(Kind::kItem),
      region(region_index),
      sequence(sequence_number),
      header(std::move(record_header)),
      hash(hash_name(header.id)),
      pass_(pass) {
  const Region& layout = pass.topology.regions[static_cast<std::size_t>(region)];
  slots_ = std::make_unique<Slot[]>(static_cast<std::size_t>(layout.slots));
  if (layout.joins) {
    countdown_ = std::make_unique<std::atomic<int>[]>(static_cast<std::size_t>(layout.counters));
    for (const int index : layout.nodes) {
      const NodePlan& node = pass.topology.nodes[static_cast<std::size_t>(index)];
      countdown_[static_cast<std::size_t>(node.counter)].store(node.arrivals, std::memory_order_relaxed);
    }
  }
  sinks_left_.store(layout.sinks, std::memory_order_relaxed);
}

ItemEnvelope::~ItemEnvelope() {
  if (pass_.looking) return;
  if (stamps != nullptr)
    for (const Kept& kept : stamps->kept)
      pass_.cached->keeper().give_up(
          kept, failure_ ? failure_->error : Error{ErrorCode::kCancelled, "item '" + header.id + "' was not computed"});
  if (charged) pass_.budget.give_back(bound_bytes);
  if (parent != nullptr) {
    if (failure_) parent->fail(std::move(*failure_));
    return;
  }
  if (!admitted) {
    // A record that fails on its way in and so ends the run: the run has to say which it was.
    if (!failure_ || failure_->policy != graph::FailurePolicy::kFail) return;
    pass_.accounts.admit();
  }
  pass_.accounts.close(*this, std::move(failure_), sinks_left_.load(std::memory_order_acquire));
}

void ItemEnvelope::write(int slot, PayloadPtr payload, int readers) {
  if (readers == 0) return;
  Slot& written = slots_[static_cast<std::size_t>(slot)];
  written.payload = std::move(payload);
  written.readers.store(readers, std::memory_order_release);
}

PayloadPtr ItemEnvelope::read(int slot) {
  Slot& written = slots_[static_cast<std::size_t>(slot)];
  if (written.readers.load(std::memory_order_acquire) == 1) {
    written.readers.store(0, std::memory_order_relaxed);
    return std::move(written.payload);
  }
  PayloadPtr payload = written.payload;
  if (written.readers.fetch_sub(1, std::memory_order_acq_rel) == 1) written.payload = nullptr;
  return payload;
}

bool ItemEnvelope::arrive(const NodePlan& node) {
  if (node.arrivals == 1) return true;
  return countdown_[static_cast<std::size_t>(node.counter)].fetch_sub(1, std::memory_order_acq_rel) == 1;
}

void ItemEnvelope::fail(Failure failure) {
  if (failure.policy == graph::FailurePolicy::kFail && !pass_.looking) pass_.accounts.end_run();
  const std::scoped_lock lock(failure_mutex_);
  if (!failure_ || failure.node < failure_->node) failure_ = std::move(failure);
  failed_.store(true, std::memory_order_release);
}

bool ItemEnvelope::return_to_parent(PayloadPtr payload) {
  parent->results[child_index] = std::move(payload);
  return parent->children_left.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

BatchEnvelope::BatchEnvelope(const Topology& topology, int region_index, std::int64_t batch_order,
                             std::vector<ItemPtr> batch_rows)
    : Envelope(Kind::kBatch), region(region_index), order(batch_order), rows(std::move(batch_rows)) {
  const Region& layout = topology.regions[static_cast<std::size_t>(region)];
  slots_ = std::make_unique<Slot[]>(static_cast<std::size_t>(layout.slots));
  countdown_ = std::make_unique<std::atomic<int>[]>(static_cast<std::size_t>(layout.counters));
  for (const int index : layout.nodes) {
    const NodePlan& node = topology.nodes[static_cast<std::size_t>(index)];
    if (!node.batch) continue;
    int arrivals = 0;
    int last = -1;
    std::vector<int> before;
    for (const InputSlot& input : node.inputs) before.push_back(input.from_node);
    std::sort(before.begin(), before.end());
    for (const int from : before) {
      if (from == last) continue;
      last = from;
      arrivals += topology.nodes[static_cast<std::size_t>(from)].batch ? 1 : static_cast<int>(rows.size());
    }
    countdown_[static_cast<std::size_t>(node.counter)].store(arrivals, std::memory_order_relaxed);
  }
  tasks_left_.store(layout.batch_tasks, std::memory_order_relaxed);
}

void BatchEnvelope::write(int slot, std::vector<Row> written_rows, int readers) {
  if (readers == 0) return;
  Slot& written = slots_[static_cast<std::size_t>(slot)];
  written.rows = std::move(written_rows);
  written.readers.store(readers, std::memory_order_release);
}

std::vector<Row> BatchEnvelope::read(int slot) {
  Slot& written = slots_[static_cast<std::size_t>(slot)];
  const std::scoped_lock lock(written.mutex);
  if (written.readers.fetch_sub(1, std::memory_order_acq_rel) == 1) return std::move(written.rows);
  return written.rows;
}

bool BatchEnvelope::arrive(const NodePlan& node) {
  return countdown_[static_cast<std::size_t>(node.counter)].fetch_sub(1, std::memory_order_acq_rel) == 1;
}

void BatchEnvelope::finish_task() {
  if (tasks_left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (const ItemPtr& row : rows) row->reach_sink();
  rows.clear();
}

}  // namespace earshot::run
