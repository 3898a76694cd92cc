#include "earshot/pipeline/cache/writer.h"

#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <xxhash.h>

#include "records.h"
#include "store_files.h"

namespace earshot::cache {
namespace {

constexpr std::uint64_t kMostRecords = 1 << 16;  // of one commit: their entries wait in memory

}  // namespace

// Values go into a table of incoming/ as they come; their entries wait in memory.
class Writer::Pending {
 public:
  Pending(Member& member, std::uint64_t commit_bytes)
      : member_(member), commit_bytes_(commit_bytes), next_ordinal_(member.last_commit().next_ordinal) {}

  Result<DescriptionId> describe(const Description& description);
  Status put(const NewRecord& record);
  Status commit();
  std::uint64_t uncommitted_bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
  }

 private:
  Status add(const NewRecord& record);
  Status commit_now();
  // Keeps an error, for every call from now on.
  Status kept(Status status) {
    if (failed_.ok() && !status.ok()) failed_ = status;
    return status;
  }

  Member& member_;
  std::uint64_t commit_bytes_;
  mutable std::mutex mutex_;
  Status failed_;
  std::optional<ValueTable> values_;             // while something was put
  std::string file_;                             // where they are
  IndexChanges index_;                           // of the commit
  std::map<DescriptionId, std::string> stages_;  // of the descriptions that were named: the stage
  std::uint64_t next_ordinal_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

Result<DescriptionId> Writer::Pending::describe(const Description& description) {
  const std::scoped_lock lock(mutex_);
  const DescriptionId id = id_of(description);
  if (stages_.contains(id)) return id;
  const Result<std::optional<Description>> known = member_.description(id);
  if (!known.ok()) return known.error();
  if (!*known) index_.emplace(description_key(id), to_bytes(description));
  stages_.emplace(id, description.stage);
  return id;
}

Status Writer::Pending::put(const NewRecord& record) {
  const std::scoped_lock lock(mutex_);
  if (!failed_.ok()) return failed_;
  if (Status added = add(record); !added.ok()) return kept(added);
  return bytes_ < commit_bytes_ && records_ < kMostRecords ? Status{} : commit_now();
}

Status Writer::Pending::add(const NewRecord& record) {
  const auto stage = stages_.find(record.description);
  if (stage == stages_.end())
    return Error{ErrorCode::kInvalidArgument, "a record of '" + std::string(record.item) + "' has no description"};
  std::string key = entry_key(record.key);
  if (index_.contains(key)) return {};
  if (!values_) {
    values_ = member_.database().value_table();
    file_ = member_.new_table("values");
    if (const rocksdb::Status opened = values_->open(file_); !opened.ok())
      return to_error(member_.layout().folder(), "write to", opened);
  }
  Entry entry;
  entry.ordinal = next_ordinal_++;
  if (const rocksdb::Status put = values_->put(entry.ordinal, record.value, entry.offset); !put.ok())
    return to_error(member_.layout().folder(), "write to", put);
  entry.key = record.key;
  entry.bytes = record.value.size();
  entry.xxh3 = XXH3_64bits(record.value.data(), record.value.size());
  entry.written_s = std::time(nullptr);
  entry.description = record.description;
  entry.item = record.item;
  entry.content = record.content;
  entry.machine = record.machine;
  index_.emplace(std::move(key), to_bytes(entry));
  index_.insert_or_assign(latest_key(stage->second, record.item),
                          std::string(record.key.bytes.begin(), record.key.bytes.end()));
  ++records_;
  bytes_ += record.value.size();
  return {};
}

Status Writer::Pending::commit() {
  const std::scoped_lock lock(mutex_);
  return commit_now();
}

Status Writer::Pending::commit_now() {
  if (!failed_.ok() || !values_) return failed_;
  if (const rocksdb::Status finished = values_->finish(); !finished.ok())
    return kept(to_error(member_.layout().folder(), "write to", finished));
  values_.reset();
  const Commit commit{.records = records_, .bytes = bytes_, .next_ordinal = next_ordinal_};
  if (Status done = member_.commit({file_}, std::move(index_), commit); !done.ok()) return kept(done);
  index_.clear();
  records_ = 0;
  bytes_ = 0;
  return {};
}

Writer::Writer(std::unique_ptr<Pending> pending) : pending_(std::move(pending)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::of(Store& store, std::uint64_t commit_bytes) {
  Member* const member = StoreFiles::of(store).written();
  if (member == nullptr)
    return Error{ErrorCode::kInvalidArgument, "a store that was opened for reading only cannot be written"};
  return Writer(std::make_unique<Pending>(*member, commit_bytes));
}

Result<DescriptionId> Writer::describe(const Description& description) { return pending_->describe(description); }
Status Writer::put(const NewRecord& record) { return pending_->put(record); }
Status Writer::commit() { return pending_->commit(); }
std::uint64_t Writer::uncommitted_bytes() const { return pending_->uncommitted_bytes(); }

}  // namespace earshot::cache
