// Budget: back-pressure by tokens, in items and bytes, taken in order by the one admitting thread and given back by
// envelopes on any thread.
//
// Invariants: used_items_ <= max_items_ and used_bytes_ <= max_bytes_, except while one item larger than the whole
// byte budget runs alone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace earshot::run {

class Budget {
 public:
  Budget(std::int64_t max_items, std::int64_t max_bytes) : max_items_(max_items), max_bytes_(max_bytes) {}

  // Waits until one item of `bytes` fits; an item above the whole budget waits until it is alone. Returns false when
  // `stopped` became true first (checked whenever woken).
  bool take(std::int64_t bytes, const std::function<bool()>& stopped);
  void give_back(std::int64_t bytes);
  // Wakes the waiting thread so that it looks at `stopped`.
  void wake();

  [[nodiscard]] std::int64_t max_bytes() const { return max_bytes_; }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::int64_t used_items_ = 0;
  std::int64_t used_bytes_ = 0;
  const std::int64_t max_items_;
  const std::int64_t max_bytes_;
};

}  // namespace earshot::run
