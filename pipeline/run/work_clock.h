// Clocks of what nodes do: which sum a call's time belongs to.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "envelope.h"
#include "pass_state.h"
#include "stamps.h"

namespace earshot::run {

// Adds the time of its life to a sum, unless that is null.
class Timer {
 public:
  explicit Timer(std::atomic<std::int64_t>* sum) : sum_(sum) {
    if (sum_ != nullptr) start_ = std::chrono::steady_clock::now();
  }
  ~Timer() {
    if (sum_ == nullptr) return;
    sum_->fetch_add((std::chrono::steady_clock::now() - start_).count(), std::memory_order_relaxed);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  std::atomic<std::int64_t>* sum_;
  std::chrono::steady_clock::time_point start_;
};

// What the time of a map for an item counts as; null where it does not count.
inline std::atomic<std::int64_t>* clock_of(PassState& pass, const NodePlan& node, const ItemEnvelope& item) {
  NodeWork& work = pass.work[static_cast<std::size_t>(node.index)];
  if (item.stamps == nullptr) return (item.sequence & 7) == 0 ? &work.run_ns : nullptr;  // one in eight
  const Stamp stamp = item.stamps->of(node.index);
  if (stamp == Stamp::kNotNeeded) return nullptr;
  return stamp == Stamp::kRead ? &work.read_ns : &work.run_ns;
}

// The same of a batch: reading where all of its rows are read.
inline std::atomic<std::int64_t>* clock_of(PassState& pass, const NodePlan& node, const BatchEnvelope& batch) {
  NodeWork& work = pass.work[static_cast<std::size_t>(node.index)];
  const bool runs = std::ranges::any_of(batch.rows, [&](const ItemPtr& item) {
    return item->stamps == nullptr || item->stamps->of(node.index) == Stamp::kRun;
  });
  return runs ? &work.run_ns : &work.read_ns;
}

}  // namespace earshot::run
