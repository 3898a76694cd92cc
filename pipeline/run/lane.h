// ComputeLane: the one thread on which everything that uses LibTorch runs.
//
// Autograd order, grad mode, OpenMP teams and generators are per thread; run on several workers, the same seed gives
// other gradients. So tasks of batches run in (batch number, node) order exactly, whatever order they become ready in.
//
// Invariants: a ticket is (batch, position); `next_` is the only ticket that may run; every batch announces its
// positions before any of its tickets is submitted.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace earshot::run {

class ComputeLane {
 public:
  using Task = std::function<void()>;

  ComputeLane();
  ~ComputeLane();
  ComputeLane(const ComputeLane&) = delete;
  ComputeLane& operator=(const ComputeLane&) = delete;

  // Batch `batch` (0, 1, 2, ... in this order since the last restart) will submit `positions` tasks, 0 to positions
  // - 1.
  void announce(std::int64_t batch, int positions);
  void submit(std::int64_t batch, int position, Task task);
  // Forgets all batches; the next announced is 0 again. Precondition: everything announced has run.
  void restart();
  // Runs `task` on the lane between batches' tasks and waits for it.
  void call(const Task& task);

 private:
  void work();
  bool ready_locked() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<std::int64_t, int>, Task> waiting_;
  std::map<std::int64_t, int> announced_;
  std::deque<Task> calls_;
  std::pair<std::int64_t, int> next_{0, 0};
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace earshot::run
