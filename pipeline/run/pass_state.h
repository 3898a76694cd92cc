// PassState: what all envelopes and nodes of one pass over a flow share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "budget.h"
#include "earshot/pipeline/run/outcome.h"
#include "earshot/pipeline/run/pass.h"
#include "envelope.h"
#include "lane.h"
#include "topology.h"

namespace earshot::run {

class CachedPass;

// What one node did in a pass.
struct NodeWork {
  std::atomic<std::int64_t> items{0};  // that came to it, whatever they were stamped
  std::atomic<std::int64_t> runs{0};   // of those, stamped to run
  std::atomic<std::int64_t> reads{0};  // of those, stamped to read
  std::atomic<std::int64_t> run_ns{0};
  std::atomic<std::int64_t> read_ns{0};
  std::atomic<std::int64_t> kept_bytes{0};  // of values that were kept
  std::atomic<std::int64_t> kept_values{0};
};

// Books: how many items were admitted and how each ended. Thread-safe.
class Accounts {
 public:
  Accounts(const Topology& topology, const graph::ResolvedFlow& flow, std::int64_t planned);

  void admit() { admitted_.fetch_add(1, std::memory_order_relaxed); }
  // The end of one item; `sinks_left` other than 0 without a failure means that it was lost on the way.
  void close(const ItemEnvelope& item, std::optional<Failure> failure, int sinks_left);
  // An item failed whose policy ends the run.
  void end_run() { fatal_.store(true, std::memory_order_release); }
  // True as soon as an item failed whose policy ends the run, or a budget of failures was exceeded.
  [[nodiscard]] bool fatal() const { return fatal_.load(std::memory_order_acquire); }

  [[nodiscard]] std::int64_t ended() const { return ended_.load(std::memory_order_relaxed); }
  [[nodiscard]] Conservation conservation() const;
  // What was not done, in order of view and sequence.
  [[nodiscard]] std::vector<LostItem> lost_items() const;
  // The failure that ended the run: of the first item in order.
  [[nodiscard]] std::optional<Error> fatal_error() const;

 private:
  void count_against_budget(const Failure& failure);

  const Topology& topology_;
  const graph::ResolvedFlow& flow_;
  const std::int64_t planned_;
  std::atomic<std::int64_t> admitted_{0};
  std::atomic<std::int64_t> done_{0};
  std::atomic<std::int64_t> ended_{0};
  std::atomic<bool> fatal_{false};
  mutable std::mutex mutex_;
  std::vector<LostItem> lost_;
  std::map<int, std::int64_t> failures_by_node_;
  std::optional<std::string> over_budget_;
};

class PassState {
 public:
  PassState(const Topology& flow_topology, const graph::ResolvedFlow& resolved_flow, const PassRequest& pass_request,
            ComputeLane& compute_lane, std::int64_t planned, std::int64_t max_items, std::int64_t max_bytes)
      : topology(flow_topology),
        flow(resolved_flow),
        request(pass_request),
        lane(compute_lane),
        budget(max_items, max_bytes),
        accounts(flow_topology, resolved_flow, planned),
        work(flow_topology.nodes.size()) {}

  // True when nothing more should be admitted.
  [[nodiscard]] bool stopping() const { return accounts.fatal() || broken() || (request.stop && request.stop()); }
  // A failure of a whole stage rather than of an item: ends the pass.
  void break_off(Error error);
  [[nodiscard]] bool broken() const { return broken_.load(std::memory_order_acquire); }
  [[nodiscard]] std::optional<Error> broken_by() const;
  [[nodiscard]] Context context(const NodePlan& node, std::uint64_t item, std::string_view item_id,
                                std::int64_t batch_order) const;

  const Topology& topology;
  const graph::ResolvedFlow& flow;
  const PassRequest& request;
  ComputeLane& lane;
  Budget budget;
  Accounts accounts;
  std::vector<NodeWork> work;  // by node
  std::mutex report_mutex;
  std::vector<StageReport> reports;
  CachedPass* cached = nullptr;  // null where no value of the flow is kept; not owned
  bool looking = false;          // items are stamped and counted, and none is run
  bool opens_unknown = false;    // also records whose contents were not hashed, where they are only looked at

 private:
  std::atomic<bool> broken_{false};
  mutable std::mutex broken_mutex_;
  std::optional<Error> broken_by_;
};

}  // namespace earshot::run
