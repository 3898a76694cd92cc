// Store: what caching runs keep on disk, values of any bytes by content key. A value that was committed is given back
// as it was written, or an error names it: never a silent miss, never a wrong value.
//
// On disk, a folder (format 2; format 1 had values at any offset, and becomes 2 when it is written to):
//   format      "earshot store" and the format's number
//   committed   two slots of 64 bytes, 4096 apart: how many commits must be there (layout.h). Synced after each commit
//   last_use    a day an ordinal. A hint for eviction, never needed
//   lock        held by the one process that writes
//   incoming/   tables being written; what lies there was not committed
//   db/         RocksDB with two column families. `default`: ordinal (8 bytes, big-endian, ascending), zeros -> value.
//               `index`: content key -> entry, (stage, item) -> latest content key, descriptions, commits (records.h)
//
// One commit is one atomic ingestion of sorted tables into both families: there is no write-ahead log that could tear.
// Ascending ordinals never overlap, so values are never rewritten. Values are read through memory maps and checked
// against their own XXH3. A folder reads as the store in it and those in its sub-folders `shard-*`, together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/entry.h"

namespace earshot::cache {

// The bytes of a value where they lie, in a memory map. Must not outlive its store.
class Value {
 public:
  Value(std::span<const std::byte> bytes, std::shared_ptr<const void> holder)
      : bytes_(bytes), holder_(std::move(holder)) {}
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> holder_;  // keeps the map
};

enum class Mode : std::uint8_t {
  kRead,   // welcome at any time, also beside a writer: sees what was committed when it was opened
  kWrite,  // one process a store; sees its own commits; makes the folder where there is none
};

struct OpenOptions {
  Mode mode = Mode::kRead;
  std::string shard;  // kWrite: the sub-folder that is written ("shard-3"); empty: the folder itself
  // Opens what has tables or commits that are damaged or gone: to list what is lost, and to drop it.
  bool tolerant = false;
};

class StoreFiles;

// Every const function is safe from any thread, also beside a Writer.
class Store {
 public:
  // Errors: kNotFound where no store is there to be read, kCorruptInput where something committed is damaged or gone,
  // kUnsupported for a newer format, kIo where the system refuses or another process writes (named).
  static Result<Store> open(const std::filesystem::path& folder, const OpenOptions& options = {});
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // In the order of the keys; nothing where a key was never committed. What was found is remembered (about 90 bytes a
  // key, of a million keys at most): the next epoch asks for it again.
  // Errors of these: kCorruptInput, kIo.
  [[nodiscard]] Result<std::vector<std::optional<Place>>> find(std::span<const ContentKey> keys) const;
  // The value at a place that this store gave, checked. A damaged or vanished one is kCorruptInput, with its name.
  [[nodiscard]] Result<Value> read(const Place& place) const;
  // The record of an item that was written last under this stage's label: what to compare a new key with.
  [[nodiscard]] Result<std::optional<Entry>> latest(std::string_view stage, std::string_view item) const;
  // Every entry once, by member and content key, until `visit` gives an error, which is passed on.
  [[nodiscard]] Status for_each(const std::function<Status(const Entry& entry)>& visit) const;
  [[nodiscard]] Result<std::optional<Description>> description(DescriptionId id) const;
  [[nodiscard]] Result<std::vector<std::pair<DescriptionId, Description>>> descriptions() const;
  // When an entry was read last by a process that writes, to the day, in Unix time; else when it was written.
  [[nodiscard]] std::int64_t last_use_s(const Entry& entry) const;
  // The folders that are read together.
  [[nodiscard]] std::vector<std::filesystem::path> members() const;

 private:
  friend class StoreFiles;
  explicit Store(std::unique_ptr<StoreFiles> files);
  std::unique_ptr<StoreFiles> files_;
};

}  // namespace earshot::cache
