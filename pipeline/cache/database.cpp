#include "database.h"

#include <algorithm>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

namespace earshot::cache {
namespace {

constexpr std::size_t kValues = 0;
constexpr std::size_t kIndex = 1;
constexpr std::size_t kIndexCacheBytes = std::size_t{32} << 20;
constexpr int kIndexFilterBits = 10;
constexpr int kIndexFilesBeforeCompaction = 16;
constexpr std::uint64_t kWriteBackBytes = std::uint64_t{4} << 20;  // to the disk while the next are written
constexpr int kTablesToLook = 32;
constexpr int kFilesForOthers = 256;  // descriptors that the rest of the process may want
constexpr rlim_t kMostFiles = 65536;

// RocksDB's own log would be a file that nobody reads.
class Silent final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// Where something failed, the store is opened anew: RocksDB is not to go on by itself in a thread of its own.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* recover) override {
    *recover = false;
  }
};

// How many tables may be open at once. The process's soft limit is raised to the hard one: a store has a table a
// commit.
int open_tables() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFilesForOthers;
  if (limit.rlim_cur < std::min(limit.rlim_max, kMostFiles)) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(limit.rlim_max, kMostFiles);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return std::max(64, static_cast<int>(std::min(limit.rlim_cur, kMostFiles)) - kFilesForOthers);
}

rocksdb::Options base_options(const Layout& layout) {
  rocksdb::Options options;
  options.env = layout.env();
  options.info_log = std::make_shared<Silent>();
  options.listeners = {std::make_shared<NoRecovery>()};
  options.max_bgerror_resume_count = 0;
  options.compression = rocksdb::kNoCompression;
  options.allow_fallocate = false;  // of a nearly full disk it would take megabytes for nothing
  options.max_file_opening_threads = 2;
  options.max_background_jobs = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.write_buffer_size = 1 << 20;
  options.bytes_per_sync = kWriteBackBytes;
  return options;
}

rocksdb::Options options_of_values(rocksdb::Options options) {
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;
  table.block_size = 1;  // a block a value, so that a value's place in the table is known when it is put
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  options.table_factory.reset(NewBlockBasedTableFactory(table));
  options.disable_auto_compactions = true;  // ascending ordinals never overlap
  return options;
}

rocksdb::Options options_of_index(rocksdb::Options options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kIndexCacheBytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kIndexFilterBits));
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  options.table_factory.reset(NewBlockBasedTableFactory(table));
  options.level0_file_num_compaction_trigger = kIndexFilesBeforeCompaction;
  return options;
}

// A reader must hold every table open, because a writer may remove those of the index.
int tables_of_reader(const Layout& layout, int limit) {
  std::vector<std::string> names;
  const rocksdb::Status listed = layout.env()->GetChildren(layout.path("db"), &names);
  return listed.ok() && names.size() < static_cast<std::size_t>(limit) ? -1 : limit;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Layout& layout, For purpose, Accept accept) {
  const bool writes = purpose == For::kWrite || purpose == For::kCreate;
  rocksdb::Options options = base_options(layout);
  options.max_open_files = purpose == For::kLook ? kTablesToLook : open_tables();
  if (purpose == For::kRead) options.max_open_files = tables_of_reader(layout, options.max_open_files);
  options.paranoid_checks = accept != Accept::kDamaged;
  options.best_efforts_recovery = accept == Accept::kEarlier;
  options.create_if_missing = purpose == For::kCreate;
  options.create_missing_column_families = purpose == For::kCreate;
  std::unique_ptr<Database> database(new Database(layout, options));
  database->value_options_ = options_of_values(options);
  database->index_options_ = options_of_index(options);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, database->value_options_}, {"index", database->index_options_}};
  rocksdb::DB* db = nullptr;
  const std::string path = layout.path("db");
  const rocksdb::Status opened = writes
                                     ? rocksdb::DB::Open(options, path, families, &database->families_, &db)
                                     : rocksdb::DB::OpenForReadOnly(options, path, families, &database->families_, &db);
  database->db_.reset(db);
  if (!opened.ok()) return to_error(layout.folder(), "open", opened);
  if (writes)
    if (const rocksdb::Status kept = db->DisableFileDeletions(); !kept.ok())
      return to_error(layout.folder(), "open", kept);
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* const family : families_)
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
}

Result<std::optional<std::string>> Database::get(const std::string& key) const {
  std::string value;
  const rocksdb::Status found = db_->Get({}, families_[kIndex], key, &value);
  if (found.IsNotFound()) return std::optional<std::string>();
  if (!found.ok()) return to_error(layout_.folder(), "read", found);
  return std::optional(std::move(value));
}

Result<std::vector<std::optional<std::string>>> Database::get_all(std::span<const std::string> keys) const {
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet({}, families_[kIndex], keys.size(), slices.data(), values.data(), statuses.data());
  std::vector<std::optional<std::string>> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return to_error(layout_.folder(), "read", statuses[i]);
    found[i] = values[i].ToString();
  }
  return found;
}

std::unique_ptr<rocksdb::Iterator> Database::index_from(char letter) const {
  std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[kIndex]));
  at->Seek(std::string(1, letter));
  return at;
}

Result<Commit> Database::last_commit() const {
  const Result<std::optional<std::string>> found = get(kCommitKey);
  if (!found.ok()) return found.error();
  if (!*found) return Commit{};
  const std::optional<Commit> commit = commit_of(**found);
  if (!commit) return damaged(layout_.folder(), "its last commit cannot be read");
  return *commit;
}

ValueTable Database::value_table() const {
  return ValueTable(std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), value_options_,
                                                             families_[kValues], /*invalidate_page_cache=*/false));
}

std::unique_ptr<rocksdb::SstFileWriter> Database::index_table() const {
  return std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), index_options_, families_[kIndex],
                                                  /*invalidate_page_cache=*/false);
}

std::vector<Table> Database::value_tables() const {
  rocksdb::ColumnFamilyMetaData family;
  db_->GetColumnFamilyMetaData(families_[kValues], &family);
  std::vector<Table> tables;
  for (const rocksdb::LevelMetaData& level : family.levels)
    for (const rocksdb::SstFileMetaData& file : level.files)
      tables.push_back({layout_.path("db") + file.name, ordinal_of(file.smallestkey), ordinal_of(file.largestkey)});
  std::ranges::sort(tables, {}, &Table::first);
  return tables;
}

Status Database::drop(const Table& table) {
  const std::string first = ordinal_key(table.first);
  const std::string last = ordinal_key(table.last + 1);  // keys of `last` may be longer than its ordinal
  const rocksdb::Slice begin(first);
  const rocksdb::Slice end(last);
  const rocksdb::RangePtr range(&begin, &end);
  const rocksdb::Status dropped =
      rocksdb::DeleteFilesInRanges(db_.get(), families_[kValues], &range, 1, /*include_end=*/false);
  if (!dropped.ok()) return to_error(layout_.folder(), "drop values of", dropped);
  return {};
}

Status Database::remove_needless() {
  rocksdb::Status removed = db_->EnableFileDeletions(/*force=*/true);
  if (removed.ok()) removed = db_->DisableFileDeletions();
  if (!removed.ok()) return to_error(layout_.folder(), "remove tables of", removed);
  return {};
}

Status Database::ingest(const std::vector<std::string>& value_files, const std::vector<std::string>& index_files) {
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;
  std::vector<rocksdb::IngestExternalFileArg> families;
  for (const auto& [family, files] : {std::pair(kValues, &value_files), std::pair(kIndex, &index_files)}) {
    if (files->empty()) continue;
    families.emplace_back();
    families.back().column_family = families_[family];
    families.back().external_files = *files;
    families.back().options = options;
  }
  const rocksdb::Status ingested = db_->IngestExternalFiles(families);
  if (!ingested.ok()) return to_error(layout_.folder(), "commit to", ingested);
  return {};
}

}  // namespace earshot::cache
