#include "budget.h"

namespace earshot::run {

bool Budget::take(std::int64_t items, std::int64_t bytes, const std::function<bool()>& stopped) {
  std::unique_lock lock(mutex_);
  if (!fits_locked(items, bytes)) {
    wanted_items_ = items;
    wanted_bytes_ = bytes;
    freed_.wait(lock, [&] { return stopped() || fits_locked(items, bytes); });
    wanted_items_ = 0;
  }
  if (stopped()) return false;
  used_items_ += items;
  used_bytes_ += bytes;
  return true;
}

void Budget::give_back(std::int64_t bytes) {
  bool enough = false;
  {
    const std::scoped_lock lock(mutex_);
    --used_items_;
    used_bytes_ -= bytes;
    enough = wanted_items_ > 0 && fits_locked(wanted_items_, wanted_bytes_);
  }
  if (enough) freed_.notify_one();
}

void Budget::wake() {
  { const std::scoped_lock lock(mutex_); }
  freed_.notify_all();
}

}  // namespace earshot::run
