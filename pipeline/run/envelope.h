// Envelopes: what travels along the edges of the flow graph. An item envelope carries one record, or one child of a
// record, with the payloads that somebody still has to read; a batch envelope carries the rows of one batch.
//
// Invariants: a slot is written once, by one node, before any of its readers is triggered; its payload goes with its
// last reader. A null payload in a written slot is a tombstone. A node runs when its countdown reaches zero, so the
// envelope itself is the key of every join. Whatever an item ends as is said once, by its destructor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "earshot/contract/stage.h"
#include "earshot/pipeline/run/outcome.h"
#include "topology.h"

namespace earshot::run {

class PassState;
struct ItemStamps;

class Envelope : public boost::intrusive_ref_counter<Envelope> {
 public:
  enum class Kind : std::uint8_t { kItem, kBatch };
  explicit Envelope(Kind what) : kind(what) {}
  virtual ~Envelope() = default;
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  const Kind kind;
};

using Message = boost::intrusive_ptr<Envelope>;

class BatchEnvelope;

class ItemEnvelope final : public Envelope {
 public:
  ItemEnvelope(PassState& pass, int region, std::int64_t sequence, RecordHeader header);
  ~ItemEnvelope() override;

  // Writes output `slot` for `readers` readers.
  void write(int slot, PayloadPtr payload, int readers);
  // One reader's payload; null is a tombstone.
  PayloadPtr read(int slot);
  // Looks without reading.
  [[nodiscard]] const PayloadPtr& peek(int slot) const { return slots_[static_cast<std::size_t>(slot)].payload; }
  // True for the last of the node's predecessors.
  bool arrive(const NodePlan& node);
  void reach_sink() { sinks_left_.fetch_sub(1, std::memory_order_acq_rel); }
  // Keeps the failure of the earliest stage, whatever order they come in.
  void fail(Failure failure);
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  // Hands a child's result to its parent; true when it was the last one.
  bool return_to_parent(PayloadPtr payload);

  const int region;
  const std::int64_t sequence;  // dense in its view, or among all children of an expand
  const RecordHeader header;
  const std::uint64_t hash;      // of the id: keys random draws
  std::int64_t bound_bytes = 0;  // what its payloads may hold at once, from header facts
  bool charged = false;          // holds tokens
  bool admitted = false;         // false: it never started, and counts only if it ends the run
  boost::intrusive_ptr<ItemEnvelope> parent;
  std::size_t child_index = 0;
  boost::intrusive_ptr<BatchEnvelope> batch;
  std::vector<PayloadPtr> results;  // of children, by index
  std::atomic<std::int64_t> children_left{0};
  std::unique_ptr<ItemStamps> stamps;  // null where no value of the flow is kept

 private:
  struct Slot {
    PayloadPtr payload;
    std::atomic<int> readers{0};
  };
  PassState& pass_;
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<std::atomic<int>[]> countdown_;
  std::atomic<int> sinks_left_;
  std::atomic<bool> failed_{false};
  std::mutex failure_mutex_;
  std::optional<Failure> failure_;
};

using ItemPtr = boost::intrusive_ptr<ItemEnvelope>;

class BatchEnvelope final : public Envelope {
 public:
  BatchEnvelope(const Topology& topology, int region, std::int64_t order, std::vector<ItemPtr> rows);

  void write(int slot, std::vector<Row> rows, int readers);
  std::vector<Row> read(int slot);
  bool arrive(const NodePlan& node);
  // Said after every node and delivery; the last one frees the rows.
  void finish_task();

  const int region;
  const std::int64_t order;   // among the batches of its region
  std::int64_t number = -1;   // among all batches of the pass: the order on the compute lane
  std::vector<ItemPtr> rows;  // as planned, dead ones included

 private:
  struct Slot {
    std::vector<Row> rows;
    std::atomic<int> readers{0};
    std::mutex mutex;
  };
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<std::atomic<int>[]> countdown_;
  std::atomic<int> tasks_left_;
};

using BatchPtr = boost::intrusive_ptr<BatchEnvelope>;

}  // namespace earshot::run
