#include "budget.h"

namespace earshot::run {

bool Budget::take(std::int64_t bytes, const std::function<bool()>& stopped) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] {
    if (stopped() || used_items_ == 0) return true;
    return used_items_ < max_items_ && used_bytes_ + bytes <= max_bytes_;
  });
  if (stopped()) return false;
  ++used_items_;
  used_bytes_ += bytes;
  return true;
}

void Budget::give_back(std::int64_t bytes) {
  {
    const std::scoped_lock lock(mutex_);
    --used_items_;
    used_bytes_ -= bytes;
  }
  freed_.notify_one();
}

void Budget::wake() {
  { const std::scoped_lock lock(mutex_); }
  freed_.notify_all();
}

}  // namespace earshot::run
