#include "value_table.h"

#include "records.h"

namespace earshot::cache {
namespace {

constexpr std::uint64_t kAlignment = 64;
// A block of one value, as RocksDB writes it: three lengths (varints; the first two take a byte), the key, 8 bytes of
// RocksDB's own, the value, two numbers on restarts, a byte on compression, a checksum.
constexpr std::uint64_t kOwnOfKey = 8;
constexpr std::uint64_t kBehindValue = 4 + 4 + 1 + 4;

std::uint64_t varint_bytes(std::uint64_t number) {
  std::uint64_t bytes = 1;
  for (; number >= 128; number >>= 7) ++bytes;
  return bytes;
}

}  // namespace

rocksdb::Status ValueTable::put(std::uint64_t ordinal, std::span<const std::byte> value, std::uint64_t& offset) {
  std::string key = ordinal_key(ordinal);
  const std::uint64_t lengths = 2 + varint_bytes(value.size());
  const std::uint64_t unaligned = next_block_ + lengths + key.size() + kOwnOfKey;
  key.append((kAlignment - unaligned % kAlignment) % kAlignment, '\0');
  const rocksdb::Slice bytes(reinterpret_cast<const char*>(value.data()), value.size());
  rocksdb::Status done = writer_->Put(key, bytes);
  // RocksDB has now closed the block before, and has the last word on where this one begins.
  offset = writer_->FileSize() + lengths + key.size() + kOwnOfKey;
  next_block_ = offset + value.size() + kBehindValue;
  return done;
}

}  // namespace earshot::cache
