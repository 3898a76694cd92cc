#include "last_use.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include <xxhash.h>

#include "records.h"

namespace earshot::cache {
namespace {

constexpr std::int64_t kDay_s = 86400;

// On disk: for each tag its number (4 bytes), how many days follow (4 bytes), the days (2 bytes each); at the end
// XXH3-64 of all of it.
template <class Number>
void append(std::string& bytes, const Number* numbers, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(numbers), count * sizeof(Number));
}

std::uint16_t today() {
  using std::chrono::system_clock;
  return static_cast<std::uint16_t>(system_clock::to_time_t(system_clock::now()) / kDay_s);
}

}  // namespace

void LastUse::load(const Layout& layout) {
  std::string bytes;
  std::uint64_t sum = 0;
  if (!rocksdb::ReadFileToString(layout.env(), layout.path("last_use"), &bytes).ok() || bytes.size() < sizeof sum)
    return;
  std::string_view left = std::string_view(bytes).substr(0, bytes.size() - sizeof sum);
  std::memcpy(&sum, bytes.data() + left.size(), sizeof sum);
  if (XXH3_64bits(left.data(), left.size()) != sum) return;
  const std::scoped_lock lock(mutex_);
  while (left.size() >= 8) {
    std::uint32_t tag = 0;
    std::uint32_t count = 0;
    std::memcpy(&tag, left.data(), 4);
    std::memcpy(&count, left.data() + 4, 4);
    left.remove_prefix(8);
    if (left.size() / 2 < count) return;
    Days& days = days_[tag];
    days.resize(count);
    if (count > 0) std::memcpy(days.data(), left.data(), 2 * std::size_t{count});
    left.remove_prefix(2 * std::size_t{count});
  }
}

void LastUse::save(Layout& layout) {
  const std::scoped_lock lock(mutex_);
  if (!changed_) return;
  std::string bytes;
  for (const auto& [tag, days] : days_) {
    const auto count = static_cast<std::uint32_t>(days.size());
    append(bytes, &tag, 1);
    append(bytes, &count, 1);
    append(bytes, days.data(), days.size());
  }
  const std::uint64_t sum = XXH3_64bits(bytes.data(), bytes.size());
  append(bytes, &sum, 1);
  const std::string temporary = layout.path("last_use.tmp");
  rocksdb::Status done = rocksdb::WriteStringToFile(layout.env(), bytes, temporary);
  if (done.ok()) done = layout.env()->RenameFile(temporary, layout.path("last_use"));
  changed_ = !done.ok();  // tried again next time
}

void LastUse::absorb(const LastUse& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  for (const auto& [tag, days] : other.days_) {
    Days& mine = days_[tag];
    mine.resize(std::max(mine.size(), days.size()));
    for (std::size_t i = 0; i < days.size(); ++i) mine[i] = std::max(mine[i], days[i]);
    changed_ = true;
  }
}

void LastUse::take(std::uint64_t ordinal, const LastUse& other, std::uint64_t other_ordinal) {
  const std::int64_t day = other.of(other_ordinal) / kDay_s;
  const std::scoped_lock lock(mutex_);
  if (day > 0) set(ordinal, static_cast<std::uint16_t>(day));
}

void LastUse::note(std::uint64_t ordinal) {
  const std::uint16_t day = today();
  const std::scoped_lock lock(mutex_);
  set(ordinal, day);
}

void LastUse::set(std::uint64_t ordinal, std::uint16_t day) {
  Days& days = days_[tag_of(ordinal)];
  const std::uint64_t counter = counter_of(ordinal);
  if (counter >= days.size()) days.resize(counter + 1);
  if (days[counter] == day) return;
  days[counter] = day;
  changed_ = true;
}

std::int64_t LastUse::of(std::uint64_t ordinal) const {
  const std::scoped_lock lock(mutex_);
  const auto days = days_.find(tag_of(ordinal));
  if (days == days_.end() || counter_of(ordinal) >= days->second.size()) return 0;
  return kDay_s * days->second[counter_of(ordinal)];
}

}  // namespace earshot::cache
