// ValueTable: a table of values being written, each from a multiple of 64 bytes on, because processors hash and copy
// what begins elsewhere more slowly. The key of a value, zeros behind its ordinal, is as long as that wants. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <rocksdb/sst_file_writer.h>

namespace earshot::cache {

class ValueTable {
 public:
  explicit ValueTable(std::unique_ptr<rocksdb::SstFileWriter> writer) : writer_(std::move(writer)) {}

  rocksdb::Status open(const std::string& file) { return writer_->Open(file); }
  // `offset`: where in the file the value lies. Ordinals must ascend.
  rocksdb::Status put(std::uint64_t ordinal, std::span<const std::byte> value, std::uint64_t& offset);
  rocksdb::Status finish() { return writer_->Finish(); }

 private:
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::uint64_t next_block_ = 0;  // where the next value's block will begin
};

}  // namespace earshot::cache
