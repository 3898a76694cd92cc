// LastUse: the day on which each value was read last, by ordinal. A hint for eviction: a file that is lost or damaged
// means that nothing is known. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "layout.h"

namespace earshot::cache {

class LastUse {
 public:
  // Reads the file `last_use` where it is whole.
  void load(const Layout& layout);
  // Writes it anew where something was noted since.
  void save(Layout& layout);
  // Takes over what another store knows: of all values, or of one that has another ordinal there.
  void absorb(const LastUse& other);
  void take(std::uint64_t ordinal, const LastUse& other, std::uint64_t other_ordinal);

  // Now.
  void note(std::uint64_t ordinal);
  // Unix time to the day; 0 where nothing is known.
  [[nodiscard]] std::int64_t of(std::uint64_t ordinal) const;

 private:
  // Precondition: the mutex is held.
  void set(std::uint64_t ordinal, std::uint16_t day);

  using Days = std::vector<std::uint16_t>;  // since 1970, by the counter in an ordinal; 0 unknown

  mutable std::mutex mutex_;
  std::map<std::uint32_t, Days> days_;  // by the tag in an ordinal
  bool changed_ = false;
};

}  // namespace earshot::cache
