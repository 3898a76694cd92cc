#include "value_tables.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace earshot::cache {

ValueTables::Bytes ValueTables::read(std::uint64_t ordinal, std::uint64_t offset, std::uint64_t length) {
  Bytes found;
  {
    const std::scoped_lock lock(mutex_);
    if (find(ordinal) == nullptr) refresh();
    Open* const open = find(ordinal);
    if (open == nullptr) return {.status = rocksdb::Status::NotFound()};
    if (open->map == nullptr) {
      rocksdb::EnvOptions options;
      options.use_mmap_reads = true;
      std::unique_ptr<rocksdb::RandomAccessFile> file;
      found.status = env_->NewRandomAccessFile(open->table.file, &file, options);
      if (!found.status.ok()) return found;
      open->map = std::move(file);
    }
    found.map = open->map;
  }
  rocksdb::Slice bytes;
  found.status = found.map->Read(offset, length, &bytes, /*scratch=*/nullptr);
  if (found.status.ok()) found.bytes = std::as_bytes(std::span(bytes.data(), bytes.size()));
  return found;
}

ValueTables::Open* ValueTables::find(std::uint64_t ordinal) {
  const auto behind = std::ranges::upper_bound(tables_, ordinal, {}, [](const Open& open) { return open.table.first; });
  if (behind == tables_.begin() || std::prev(behind)->table.last < ordinal) return nullptr;
  return &*std::prev(behind);
}

void ValueTables::refresh() {
  std::vector<Open> before = std::exchange(tables_, {});
  for (Table& table : database_.value_tables()) {
    const auto known =
        std::ranges::lower_bound(before, table.first, {}, [](const Open& open) { return open.table.first; });
    const bool same = known != before.end() && known->table.file == table.file;
    tables_.push_back({std::move(table), same ? std::move(known->map) : nullptr});
  }
}

}  // namespace earshot::cache
