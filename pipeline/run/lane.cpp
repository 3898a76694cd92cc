#include "lane.h"

#include <future>

namespace earshot::run {

ComputeLane::ComputeLane() : thread_([this] { work(); }) {}

ComputeLane::~ComputeLane() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ComputeLane::announce(std::int64_t batch, int positions) {
  {
    const std::scoped_lock lock(mutex_);
    announced_[batch] = positions;
  }
  changed_.notify_all();
}

void ComputeLane::submit(std::int64_t batch, int position, Task task) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.emplace(std::pair(batch, position), std::move(task));
  }
  changed_.notify_all();
}

void ComputeLane::restart() {
  const std::scoped_lock lock(mutex_);
  announced_.clear();
  waiting_.clear();
  next_ = {0, 0};
}

void ComputeLane::call(const Task& task) {
  if (std::this_thread::get_id() == thread_.get_id()) return task();
  std::promise<void> done;
  {
    const std::scoped_lock lock(mutex_);
    calls_.emplace_back([&] {
      task();
      done.set_value();
    });
  }
  changed_.notify_all();
  done.get_future().wait();
}

bool ComputeLane::ready_locked() const { return !waiting_.empty() && waiting_.begin()->first == next_; }

void ComputeLane::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    // Step over batches that have no (further) task on the lane.
    for (auto batch = announced_.find(next_.first); batch != announced_.end() && next_.second >= batch->second;
         batch = announced_.find(next_.first)) {
      announced_.erase(batch);
      next_ = {next_.first + 1, 0};
    }
    changed_.wait(lock, [&] {
      const auto batch = announced_.find(next_.first);
      const bool finished = batch != announced_.end() && next_.second >= batch->second;
      return ending_ || !calls_.empty() || ready_locked() || finished;
    });
    Task task;
    if (!calls_.empty()) {
      task = std::move(calls_.front());
      calls_.pop_front();
    } else if (ready_locked()) {
      task = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      ++next_.second;
    } else if (ending_) {
      return;
    }
    if (!task) continue;
    lock.unlock();
    task();
    task = nullptr;  // what the task holds is freed here, outside the lock
    lock.lock();
  }
}

}  // namespace earshot::run
