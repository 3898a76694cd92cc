// Database: the RocksDB inside a store, opened, read and ingested into. Every status becomes an error of ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/store.h"
#include "layout.h"
#include "records.h"
#include "value_table.h"

namespace earshot::cache {

// A table of values: those with ordinals from `first` to `last`, without a gap.
struct Table {
  std::string file;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// Functions are safe from any thread.
class Database {
 public:
  enum class For : std::uint8_t {
    kLook,    // read-only, few tables open
    kRead,    // read-only, all tables open where descriptors allow it: a writer may remove some
    kWrite,   // what is there
    kCreate,  // made where it is not there
  };
  enum class Accept : std::uint8_t {
    kWhole,    // only with all tables
    kEarlier,  // as it was at the last moment of which all tables are there
    kDamaged,  // with tables that are gone or have other lengths
  };
  // Errors: kCorruptInput, kIo.
  static Result<std::unique_ptr<Database>> open(const Layout& layout, For purpose, Accept accept);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The value of a key of the index; nothing where it is not there.
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& key) const;
  // In the order of the keys.
  [[nodiscard]] Result<std::vector<std::optional<std::string>>> get_all(std::span<const std::string> keys) const;
  // Over the index, at the first key that begins with this letter.
  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> index_from(char letter) const;
  // The last commit; number 0 where there is none.
  [[nodiscard]] Result<Commit> last_commit() const;

  // Tables to be written, for either family. Keys must ascend.
  [[nodiscard]] ValueTable value_table() const;
  [[nodiscard]] std::unique_ptr<rocksdb::SstFileWriter> index_table() const;
  // The tables of values, by ordinal.
  [[nodiscard]] std::vector<Table> value_tables() const;
  // Forgets a table of values.
  Status drop(const Table& table);

  // Removes the files of tables that compactions or `drop` have made needless. They stay until then: a reader that is
  // just opening the database may want them.
  Status remove_needless();

  // Both or neither; the files are moved. Either list may be empty.
  Status ingest(const std::vector<std::string>& value_files, const std::vector<std::string>& index_files);

 private:
  Database(Layout layout, rocksdb::Options options) : layout_(std::move(layout)), options_(std::move(options)) {}

  Layout layout_;
  rocksdb::Options options_;
  rocksdb::Options value_options_;
  rocksdb::Options index_options_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // values, index; destroyed before db_
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace earshot::cache
