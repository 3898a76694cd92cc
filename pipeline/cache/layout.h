// The files of a store beside its database: which format it has, and how many commits must be there.
//
//   format      two lines: "earshot store", "format 2". Written before anything else
//   committed   two slots at 0 and 4096: number of commits, its complement, XXH3-64 of both. Commit n goes into slot
//               n mod 2, so that a torn write leaves the other one; the higher of the valid ones counts
//
// Not thread-safe. `env` is RocksDB's door to the file system, through which everything goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <rocksdb/env.h>

#include "earshot/contract/result.h"

namespace earshot::cache {

inline constexpr int kFormat = 2;

// RocksDB's status as an error of ours: `doing` completes "cannot ...".
Error to_error(const std::filesystem::path& store, const std::string& doing, const rocksdb::Status& status);
// What was committed to a store is broken or gone; `what` is a sentence without its full stop.
Error damaged(const std::filesystem::path& store, const std::string& what);

class Layout {
 public:
  Layout(std::filesystem::path folder, rocksdb::Env* env) : folder_(std::move(folder)), env_(env) {}

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] rocksdb::Env* env() const { return env_; }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }

  // The format of the store that is here, 0 where none is. Errors: kUnsupported for a newer format, kCorruptInput where
  // it is no such file, kIo.
  [[nodiscard]] Result<int> format() const;
  // Precondition: this process holds the lock and no store of this format is here.
  Status write_format();

  // Nothing where the file was never written. Errors: kCorruptInput when no slot is valid, kIo.
  [[nodiscard]] Result<std::optional<std::uint64_t>> committed() const;
  // On disk when it returns.
  Status set_committed(std::uint64_t commits);

 private:
  [[nodiscard]] Result<bool> has(const char* name) const;
  // Replaces a file whole, on disk when it returns.
  Status replace(const char* name, const std::string& bytes);

  std::filesystem::path folder_;
  rocksdb::Env* env_;
};

}  // namespace earshot::cache
