// Member: one store, opened. A folder that is read as one has several.
//
// Invariants, with write access: this process holds the file `lock`; the file `committed` never names more commits than
// the database has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
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
#include "value_tables.h"

namespace earshot::cache {

// By key of the index: its new value, or nothing where the key goes.
using IndexChanges = std::map<std::string, std::optional<std::string>>;

// Const functions are safe from any thread.
class Member {
 public:
  // Errors: those of Store::open.
  static Result<std::unique_ptr<Member>> open(const std::filesystem::path& folder, Mode mode, bool tolerant,
                                              rocksdb::Env* env);
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
  [[nodiscard]] Result<Value> read(const Place& place) const;
  [[nodiscard]] Result<std::optional<Entry>> latest(std::string_view stage, std::string_view item) const;
  [[nodiscard]] Status for_each(const std::function<Status(const Entry& entry)>& visit) const;
  [[nodiscard]] Result<std::optional<Description>> description(DescriptionId id) const;
  [[nodiscard]] Status for_each_description(
      const std::function<void(DescriptionId id, Description description)>& visit) const;

  // Entries of the index whose keys begin with a letter, until `visit` gives an error.
  [[nodiscard]] Status scan(char letter,
                            const std::function<Status(std::string_view key, std::string_view value)>& visit) const;

  // A path in incoming/ that no commit has used.
  [[nodiscard]] std::string new_table(const char* name) const;
  // One commit behind the last one: tables of incoming/ with values, and what becomes of keys of the index (nothing:
  // the key goes). All of it or nothing; its number is filled in. Not safe from several threads.
  Status commit(const std::vector<std::string>& value_files, IndexChanges changes, Commit commit);
  [[nodiscard]] const Commit& last_commit() const { return last_; }
  // Commits that were made and are no longer there; not 0 only in a store that was opened `tolerant`.
  [[nodiscard]] std::uint64_t lost_commits() const { return lost_commits_; }

  // "record 1f3a... ('logmel' of 'rain.wav')", as far as the index knows.
  [[nodiscard]] std::string name_of(const ContentKey& key) const;

 private:
  Member(std::filesystem::path folder, Mode mode, bool tolerant, rocksdb::Env* env)
      : layout_(std::move(folder), env), mode_(mode), tolerant_(tolerant) {}
  Status open_to_read();
  Status open_to_write();
  Status open_database_to_write(std::optional<std::uint64_t> committed);
  Status take_lock();
  Status check_tail(const Database& database, std::optional<std::uint64_t> committed);
  Status write_index(const std::string& file, const IndexChanges& changes);
  // Opens the database without changing it, and finds `accept_`.
  Result<std::unique_ptr<Database>> open_to_look(Database::For purpose, std::optional<std::uint64_t> committed);

  Layout layout_;
  Mode mode_;
  bool tolerant_;
  Database::Accept accept_ = Database::Accept::kWhole;
  Commit last_;
  std::uint64_t lost_commits_ = 0;
  rocksdb::FileLock* lock_ = nullptr;  // RocksDB's, given back to it
  std::unique_ptr<Database> database_;
  std::unique_ptr<ValueTables> values_;
  mutable LastUse last_use_;
};

}  // namespace earshot::cache
