// Shard: the part of all records that one of several machines works on, by a hash of the record's id: nothing has to be
// opened to know it, and it does not depend on what other records there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace earshot::run {

struct Shard {
  std::int64_t index = 0;  // from 0
  std::int64_t count = 1;

  // Whether a record is of this shard; the same on every machine.
  [[nodiscard]] bool holds(std::string_view id) const;
  // "shard-3": the folder in which it keeps values, and that of its run.
  [[nodiscard]] std::string name() const { return "shard-" + std::to_string(index); }
};

}  // namespace earshot::run
