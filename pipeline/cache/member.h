// Member: one store, opened. A folder that is read as one has several.
//
// Invariants, with write access: this process holds the file `lock`; the file `committed` never names more commits than
// the database has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "earshot/pipeline/cache/entry.h"
#include "earshot/pipeline/cache/store.h"
#include "last_use.h"
#include "layout.h"

namespace earshot::cache {

// Const functions are safe from any thread.
class Member {
 public:
  // Errors: those of Store::open.
  static Result<std::unique_ptr<Member>> open(const std::filesystem::path& folder, Mode mode, rocksdb::Env* env);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  [[nodiscard]] Layout& layout() { return layout_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] const Database& database() const { return *database_; }
  [[nodiscard]] LastUse& last_use() const { return last_use_; }

  // As those of Store; entries do not say which member they are of.
  [[nodiscard]] Result<std::vector<std::optional<Entry>>> find(std::span<const ContentKey> keys) const;
  [[nodiscard]] Result<Value> read(const Entry& entry) const;
  [[nodiscard]] Result<std::optional<Entry>> latest(std::string_view stage, std::string_view item) const;
  [[nodiscard]] Status for_each(const std::function<Status(const Entry& entry)>& visit) const;
  [[nodiscard]] Result<std::optional<Description>> description(DescriptionId id) const;
  [[nodiscard]] Status for_each_description(
      const std::function<void(DescriptionId id, Description description)>& visit) const;

  // "record 1f3a... ('logmel' of 'rain.wav')".
  [[nodiscard]] std::string name_of(const Entry& entry) const;

 private:
  Member(std::filesystem::path folder, Mode mode, rocksdb::Env* env) : layout_(std::move(folder), env), mode_(mode) {}
  Status open_to_read();
  Status open_to_write();
  Status take_lock();
  Status check_tail(const Database& database, std::optional<std::uint64_t> committed) const;
  // Entries of the index whose keys begin with a letter, until `visit` gives an error.
  [[nodiscard]] Status scan(char letter,
                            const std::function<Status(std::string_view key, std::string_view value)>& visit) const;

  Layout layout_;
  Mode mode_;
  rocksdb::FileLock* lock_ = nullptr;  // RocksDB's, given back to it
  std::unique_ptr<Database> database_;
  mutable LastUse last_use_;
};

}  // namespace earshot::cache
