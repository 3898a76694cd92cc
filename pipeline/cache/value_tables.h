// ValueTables: the bytes of values where they lie in tables of the database, through memory maps.
//
// RocksDB makes the tables and knows which there are, but values are not read through it: its parser trusts the bytes
// between them, and to check those as well would be to hash everything twice. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <rocksdb/env.h>

#include "database.h"

namespace earshot::cache {

class ValueTables {
 public:
  // Borrows both.
  ValueTables(const Database& database, rocksdb::Env* env) : database_(database), env_(env) {}

  struct Bytes {
    rocksdb::Status status;  // NotFound where no table holds the ordinal
    std::span<const std::byte> bytes;
    std::shared_ptr<const rocksdb::RandomAccessFile> map;
  };
  // `length` bytes from `offset` on in the table that holds `ordinal`. They are not checked: that is the caller's part.
  [[nodiscard]] Bytes read(std::uint64_t ordinal, std::uint64_t offset, std::uint64_t length);

 private:
  struct Open {
    Table table;
    std::shared_ptr<const rocksdb::RandomAccessFile> map;  // null until it is read
  };
  // The table that holds an ordinal; null where none does.
  Open* find(std::uint64_t ordinal);
  void refresh();

  const Database& database_;
  rocksdb::Env* env_;
  std::mutex mutex_;
  std::vector<Open> tables_;  // by first ordinal
};

}  // namespace earshot::cache
