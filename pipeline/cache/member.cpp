#include "member.h"

#include <algorithm>
#include <ctime>
#include <random>
#include <system_error>
#include <utility>

#include <rocksdb/iterator.h>
#include <xxhash.h>

#include "lock_owner.h"

namespace earshot::cache {
namespace {

constexpr int kTriesToRead = 10;
constexpr std::uint64_t kCommitsBetweenRemovals = 256;  // of tables of the index that compaction made needless

// Whether every entry's ordinal lies in a table.
bool has_all_values(const Database& database) {
  const std::vector<Table> tables = database.value_tables();
  const std::unique_ptr<rocksdb::Iterator> at = database.index_from(kEntryLetter);
  for (; at->Valid() && at->key()[0] == kEntryLetter; at->Next()) {
    const std::optional<Entry> entry = entry_of(at->key().ToStringView(), at->value().ToStringView());
    if (!entry) return false;
    const auto behind = std::ranges::upper_bound(tables, entry->ordinal, {}, &Table::first);
    if (behind == tables.begin() || std::prev(behind)->last < entry->ordinal) return false;
  }
  return at->status().ok();
}

// What lies in incoming/ was not committed.
Status clear_incoming(const Layout& layout) {
  std::error_code failure;
  std::filesystem::remove_all(layout.path("incoming"), failure);
  if (!failure) std::filesystem::create_directory(layout.path("incoming"), failure);
  if (!failure) return {};
  return to_error(layout.folder(), "write to", rocksdb::Status::IOError(failure.message()));
}

}  // namespace

Result<std::unique_ptr<Member>> Member::open(const std::filesystem::path& folder, Mode mode, bool tolerant,
                                             rocksdb::Env* env) {
  std::unique_ptr<Member> member(new Member(folder, mode, tolerant, env));
  const Status opened = mode == Mode::kWrite ? member->open_to_write() : member->open_to_read();
  if (!opened.ok()) return opened.error();
  member->values_ = std::make_unique<ValueTables>(*member->database_, env);
  member->last_use_.load(member->layout_);
  return member;
}

Member::~Member() {
  if (mode_ == Mode::kWrite && database_ != nullptr) last_use_.save(layout_);
  values_.reset();
  database_.reset();
  if (lock_ != nullptr) layout_.env()->UnlockFile(lock_).PermitUncheckedError();
}

// What a commit that failed has left in the manifest may name tables that are gone: recovery then ends before it, for
// each family by itself. Whether it ended too early is looked at.
Result<std::unique_ptr<Database>> Member::open_to_look(Database::For purpose, std::optional<std::uint64_t> committed) {
  accept_ = Database::Accept::kWhole;
  Result<std::unique_ptr<Database>> database = Database::open(layout_, purpose, accept_);
  if (database.ok()) return database;
  Result<std::unique_ptr<Database>> earlier = Database::open(layout_, purpose, Database::Accept::kEarlier);
  const bool whole = earlier.ok() && check_tail(**earlier, committed).ok() && has_all_values(**earlier);
  if (whole) accept_ = Database::Accept::kEarlier;
  return whole ? std::move(earlier) : std::move(database);
}

Status Member::open_to_read() {
  const Result<int> format = layout_.format();
  if (!format.ok()) return format.error();
  const Result<std::optional<std::uint64_t>> committed = layout_.committed();
  if (!committed.ok()) return committed.error();
  Result<std::unique_ptr<Database>> database = open_to_look(Database::For::kRead, *committed);
  // A writer may have removed a table of the index between the reading of the manifest and that of the table.
  for (int tries = 1; tries < kTriesToRead && !database.ok(); ++tries)
    database = open_to_look(Database::For::kRead, *committed);
  if (!database.ok() && tolerant_) database = Database::open(layout_, Database::For::kRead, Database::Accept::kDamaged);
  if (!database.ok() && committed->value_or(0) == 0)
    return Error{ErrorCode::kNotFound, "the store '" + layout_.folder().string() + "' holds nothing yet"};
  if (!database.ok()) return database.error();
  database_ = *std::move(database);
  return check_tail(*database_, *committed);
}

Status Member::open_to_write() {
  std::error_code failure;
  std::filesystem::create_directories(layout_.folder(), failure);
  if (failure)
    return Error{ErrorCode::kIo, "cannot make the store '" + layout_.folder().string() + "': " + failure.message()};
  if (Status locked = take_lock(); !locked.ok()) return locked;
  const Result<int> format = layout_.format();
  if (!format.ok()) return format.error();
  const Result<std::optional<std::uint64_t>> committed = layout_.committed();
  if (!committed.ok()) return committed.error();
  if (*format == 0 && *committed) return damaged(layout_.folder(), "its file 'format' is gone");
  if (*format < kFormat)
    if (Status written = layout_.write_format(); !written.ok()) return written;
  if (!*committed)
    if (Status written = layout_.set_committed(0); !written.ok()) return written;
  if (Status cleared = clear_incoming(layout_); !cleared.ok()) return cleared;
  return open_database_to_write(*committed);
}

// Opened to be written, a database removes what its manifest does not name: how much of it is to be accepted is found
// out before.
Status Member::open_database_to_write(std::optional<std::uint64_t> committed) {
  const bool holds_something = committed.value_or(0) > 0;
  if (holds_something) {
    Result<std::unique_ptr<Database>> look = open_to_look(Database::For::kLook, committed);
    if (!look.ok() && tolerant_) {
      accept_ = Database::Accept::kDamaged;
      look = Database::open(layout_, Database::For::kLook, accept_);
    }
    if (!look.ok()) return look.error();
    if (Status whole = check_tail(**look, committed); !whole.ok()) return whole;
  }
  Result<std::unique_ptr<Database>> database = holds_something ? Database::open(layout_, Database::For::kWrite, accept_)
                                                               : open_to_look(Database::For::kCreate, committed);
  if (!database.ok()) return database.error();
  database_ = *std::move(database);
  if (Status whole = check_tail(*database_, committed); !whole.ok()) return whole;
  if (last_.number == 0) last_.next_ordinal = std::uint64_t{std::random_device{}() & 0xFFFFFFU} << kCounterBits;
  return last_.number == committed.value_or(0) ? Status{} : layout_.set_committed(last_.number);
}

Status Member::take_lock() {
  const std::string file = layout_.path("lock");
  const rocksdb::Status locked = layout_.env()->LockFile(file, &lock_);
  if (locked.ok()) return {};
  lock_ = nullptr;
  const std::optional<std::string> owner = lock_owner(file);
  if (!owner) return to_error(layout_.folder(), "lock", locked);
  return Error{ErrorCode::kIo, "the store '" + layout_.folder().string() + "' is being written by " + *owner +
                                   "; wait for it, write to another shard, or open it for reading only"};
}

Status Member::check_tail(const Database& database, std::optional<std::uint64_t> committed) {
  const Result<Commit> last = database.last_commit();
  if (!last.ok()) return last.error();
  last_ = *last;
  if (!committed && last_.number > 0) return damaged(layout_.folder(), "its file 'committed' is gone");
  if (last_.number >= committed.value_or(0)) return {};
  lost_commits_ = *committed - last_.number;
  if (tolerant_) return {};
  return damaged(layout_.folder(), "it lost its tail: " + std::to_string(*committed) + " commits were made, " +
                                       std::to_string(last_.number) + " are there");
}

// A table that was ingested may still have this name as well, and must not be written over.
std::string Member::new_table(const char* name) const {
  return layout_.path("incoming/") + std::to_string(last_.number + 1) + "-" + name + ".sst";
}

Status Member::commit(const std::vector<std::string>& value_files, IndexChanges changes, Commit commit) {
  const std::string index_file = new_table("index");
  commit.number = last_.number + 1;
  commit.written_s = std::time(nullptr);
  changes.emplace(kCommitKey, to_bytes(commit));
  if (Status written = write_index(index_file, changes); !written.ok()) return written;
  if (Status ingested = database_->ingest(value_files, {index_file}); !ingested.ok()) return ingested;
  last_ = commit;
  if (Status noted = layout_.set_committed(commit.number); !noted.ok()) return noted;
  return commit.number % kCommitsBetweenRemovals == 0 ? database_->remove_needless() : Status{};
}

Status Member::write_index(const std::string& file, const IndexChanges& changes) {
  const std::unique_ptr<rocksdb::SstFileWriter> table = database_->index_table();
  rocksdb::Status done = table->Open(file);
  for (auto at = changes.begin(); done.ok() && at != changes.end(); ++at)
    done = at->second ? table->Put(at->first, *at->second) : table->Delete(at->first);
  if (done.ok()) done = table->Finish();
  if (!done.ok()) return to_error(layout_.folder(), "write the index of", done);
  return {};
}

Result<std::vector<std::optional<Entry>>> Member::find(std::span<const ContentKey> keys) const {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const ContentKey& key : keys) names.push_back(entry_key(key));
  const Result<std::vector<std::optional<std::string>>> found = database_->get_all(names);
  if (!found.ok()) return found.error();
  std::vector<std::optional<Entry>> entries(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!(*found)[i]) continue;
    entries[i] = entry_of(names[i], *(*found)[i]);
    if (!entries[i]) return damaged(layout_.folder(), "the entry of record " + to_hex(keys[i]) + " cannot be read");
  }
  return entries;
}

Result<Value> Member::read(const Place& place) const {
  ValueTables::Bytes found = values_->read(place.ordinal, place.offset, place.bytes);
  if (found.status.IsNotFound()) return damaged(layout_.folder(), name_of(place.key) + " is gone");
  if (!found.status.ok()) return to_error(layout_.folder(), "read " + name_of(place.key) + " of", found.status);
  if (found.bytes.size() != place.bytes || XXH3_64bits(found.bytes.data(), found.bytes.size()) != place.xxh3)
    return damaged(layout_.folder(), name_of(place.key) + " no longer has its checksum");
  if (mode_ == Mode::kWrite) last_use_.note(place.ordinal);
  return Value(found.bytes, std::move(found.map));
}

Result<std::optional<Entry>> Member::latest(std::string_view stage, std::string_view item) const {
  const Result<std::optional<std::string>> found = database_->get(latest_key(stage, item));
  if (!found.ok()) return found.error();
  ContentKey key;
  if (!*found) return std::optional<Entry>();
  if ((*found)->size() != key.bytes.size())
    return damaged(layout_.folder(), "the last record of '" + std::string(item) + "' cannot be read");
  std::ranges::copy(**found, key.bytes.begin());
  Result<std::vector<std::optional<Entry>>> entries = find({&key, 1});
  if (!entries.ok()) return entries.error();
  return std::move(entries->front());
}

Status Member::scan(char letter,
                    const std::function<Status(std::string_view key, std::string_view value)>& visit) const {
  const std::unique_ptr<rocksdb::Iterator> at = database_->index_from(letter);
  for (; at->Valid() && at->key()[0] == letter; at->Next())
    if (Status visited = visit(at->key().ToStringView(), at->value().ToStringView()); !visited.ok()) return visited;
  if (!at->status().ok()) return to_error(layout_.folder(), "read", at->status());
  return {};
}

Status Member::for_each(const std::function<Status(const Entry& entry)>& visit) const {
  return scan(kEntryLetter, [&](std::string_view key, std::string_view value) -> Status {
    const std::optional<Entry> entry = entry_of(key, value);
    if (!entry) return damaged(layout_.folder(), "an entry of its index cannot be read");
    return visit(*entry);
  });
}

Result<std::optional<Description>> Member::description(DescriptionId id) const {
  const Result<std::optional<std::string>> found = database_->get(description_key(id));
  if (!found.ok()) return found.error();
  if (!*found) return std::optional<Description>();
  std::optional<Description> description = description_of(**found);
  if (!description) return damaged(layout_.folder(), "a description of its index cannot be read");
  return description;
}

Status Member::for_each_description(const std::function<void(DescriptionId id, Description description)>& visit) const {
  return scan(kDescriptionLetter, [&](std::string_view key, std::string_view value) -> Status {
    std::optional<Description> description = description_of(value);
    if (!description) return damaged(layout_.folder(), "a description of its index cannot be read");
    visit(description_id_of(key), *std::move(description));
    return {};
  });
}

std::string Member::name_of(const ContentKey& key) const {
  std::string name = "record " + to_hex(key);
  const Result<std::vector<std::optional<Entry>>> entry = find({&key, 1});
  if (!entry.ok() || !entry->front()) return name;
  const Result<std::optional<Description>> found = description(entry->front()->description);
  const std::string stage = found.ok() && *found ? (*found)->stage : "?";
  return name + " ('" + stage + "' of '" + entry->front()->item + "')";
}

}  // namespace earshot::cache
