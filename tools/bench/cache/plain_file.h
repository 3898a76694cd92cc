// What a store is compared with: the same records one behind the other in one file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::bench {

// Gives the bytes of record i.
using RecordBytes = std::function<std::span<const std::byte>(std::size_t record)>;

// Writes `count` records and syncs after every `sync_bytes` and at the end. Errors: kIo.
Status write_plain_file(const std::filesystem::path& file, std::size_t count, std::uint64_t sync_bytes,
                        const RecordBytes& bytes);

// A file of records of one size, mapped.
class PlainFile {
 public:
  static Result<PlainFile> open(const std::filesystem::path& file, std::size_t record_bytes);
  PlainFile(PlainFile&& other) noexcept;
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  PlainFile& operator=(PlainFile&&) = delete;
  ~PlainFile();

  [[nodiscard]] std::span<const std::byte> record(std::size_t number) const {
    return bytes_.subspan(number * record_bytes_, record_bytes_);
  }

 private:
  PlainFile(std::span<const std::byte> bytes, std::size_t record_bytes) : bytes_(bytes), record_bytes_(record_bytes) {}
  std::span<const std::byte> bytes_;
  std::size_t record_bytes_;
};

}  // namespace earshot::bench
