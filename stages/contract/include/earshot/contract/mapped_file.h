// MappedFile: the bytes of a file, read-only, where they lie: opening costs neither time nor memory in proportion to
// the size. Safe from any thread.
//
// The file must not become shorter while it is mapped: reading behind its new end would end the process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "earshot/contract/result.h"

namespace earshot {

class MappedFile {
 public:
  // Errors: kNotFound; kIo where it cannot be read or is no regular file; kCorruptInput where it is empty.
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& file);

  explicit MappedFile(std::span<const std::byte> mapped) noexcept : bytes_(mapped) {}
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  // Gives the pages that lie within `part` back to the system: what is read once need not stay in memory.
  static void release(std::span<const std::byte> part);

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace earshot
