// Budget: back-pressure by tokens, in items and bytes, taken in order by the one admitting thread and given back by
// envelopes on any thread.
//
// Invariants: used_items_ <= max_items_ and used_bytes_ <= max_bytes_, except while one request larger than the whole
// budget has it alone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace earshot::run {

class Budget {
 public:
  Budget(std::int64_t max_items, std::int64_t max_bytes) : max_items_(max_items), max_bytes_(max_bytes) {}

  // Waits until `items` of `bytes` together fit; more than the whole budget waits until it is alone. Returns false
  // when `stopped` became true first (checked whenever woken).
  bool take(std::int64_t items, std::int64_t bytes, const std::function<bool()>& stopped);
  void give_back(std::int64_t bytes);  // one item
  // Wakes the waiting thread so that it looks at `stopped`.
  void wake();

  [[nodiscard]] std::int64_t max_bytes() const { return max_bytes_; }

 private:
  [[nodiscard]] bool fits_locked(std::int64_t items, std::int64_t bytes) const {
    return used_items_ == 0 || (used_items_ + items <= max_items_ && used_bytes_ + bytes <= max_bytes_);
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::int64_t used_items_ = 0;
  std::int64_t used_bytes_ = 0;
  std::int64_t wanted_items_ = 0;  // by the waiting thread; 0 = nobody waits
  std::int64_t wanted_bytes_ = 0;
  const std::int64_t max_items_;
  const std::int64_t max_bytes_;
};

}  // namespace earshot::run
