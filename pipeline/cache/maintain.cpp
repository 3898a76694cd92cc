#include "earshot/pipeline/cache/maintain.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "earshot/pipeline/cache/content_table.h"
#include "store_files.h"

namespace earshot::cache {
namespace {

namespace fs = std::filesystem;

Error nothing_written() {
  return {ErrorCode::kInvalidArgument, "a store that was opened for reading only cannot be changed"};
}

std::string bytes_of(const ContentKey& key) { return {key.bytes.begin(), key.bytes.end()}; }

// Entries of a store, by ordinal.
Result<std::map<std::uint64_t, Entry>> entries_of(const Member& member) {
  std::map<std::uint64_t, Entry> entries;
  const Status visited = member.for_each([&](const Entry& entry) {
    entries.emplace(entry.ordinal, entry);
    return Status{};
  });
  if (!visited.ok()) return visited.error();
  return entries;
}

// Copies values of `from` to the end of `to`, in one commit.
Status copy(const Member& from, std::span<const Entry> entries, Member& to, IndexChanges changes) {
  const std::string file = to.new_table("values");
  Commit commit{.next_ordinal = to.last_commit().next_ordinal};
  ValueTable table = to.database().value_table();
  rocksdb::Status done = table.open(file);
  for (const Entry& entry : entries) {
    const Result<Value> value = from.read(entry);
    if (!value.ok()) return value.error();
    Entry copied = entry;
    copied.ordinal = commit.next_ordinal++;
    if (done.ok()) done = table.put(copied.ordinal, value->bytes(), copied.offset);
    to.last_use().take(copied.ordinal, from.last_use(), entry.ordinal);
    changes.insert_or_assign(entry_key(copied.key), to_bytes(copied));
  }
  if (done.ok()) done = table.finish();
  if (!done.ok()) return to_error(to.layout().folder(), "write to", done);
  return to.commit({file}, std::move(changes), commit);
}

// Gives back the room of values that no entry names: tables that hold nothing else go, then others are written anew.
Status drop_dead_values(Member& member) {
  Result<std::map<std::uint64_t, Entry>> entries = entries_of(member);
  if (!entries.ok()) return entries.error();
  std::vector<std::pair<Table, std::vector<Entry>>> mixed;
  for (Table& table : member.database().value_tables()) {
    std::vector<Entry> alive;
    for (auto at = entries->lower_bound(table.first); at != entries->end() && at->first <= table.last; ++at)
      alive.push_back(at->second);
    if (alive.size() == table.last - table.first + 1) continue;
    if (!alive.empty())
      mixed.emplace_back(std::move(table), std::move(alive));
    else if (Status dropped = member.database().drop(table); !dropped.ok())
      return dropped;
  }
  if (Status removed = member.database().remove_needless(); !removed.ok()) return removed;
  for (const auto& [table, alive] : mixed) {
    if (Status copied = copy(member, alive, member, {}); !copied.ok()) return copied;
    if (Status dropped = member.database().drop(table); !dropped.ok()) return dropped;
    if (Status removed = member.database().remove_needless(); !removed.ok()) return removed;
  }
  return {};
}

// What becomes of the index when these entries go: they, the pointers to them and descriptions that no entry has.
Result<IndexChanges> changes_without(const Member& member, const std::set<ContentKey>& keys) {
  IndexChanges changes;
  std::map<DescriptionId, bool> kept;
  std::map<DescriptionId, std::string> stages;
  const Status described = member.for_each_description(
      [&](DescriptionId id, const Description& description) { stages.emplace(id, description.stage); });
  if (!described.ok()) return described.error();
  const Status visited = member.for_each([&](const Entry& entry) -> Status {
    const bool goes = keys.contains(entry.key);
    kept[entry.description] |= !goes;
    if (!goes) return {};
    changes.emplace(entry_key(entry.key), std::nullopt);
    const std::string latest = latest_key(stages[entry.description], entry.item);
    const Result<std::optional<std::string>> pointed = member.database().get(latest);
    if (!pointed.ok()) return pointed.error();
    if (*pointed == bytes_of(entry.key)) changes.emplace(latest, std::nullopt);
    return {};
  });
  if (!visited.ok()) return visited.error();
  for (const auto& [id, any] : kept)
    if (!any) changes.emplace(description_key(id), std::nullopt);
  return changes;
}

void verify_member(const Member& member, std::size_t number, Verification& verification) {
  const auto lost = [&](const Error& error, std::optional<Entry> entry) {
    if (entry) entry->member = number;
    verification.lost.push_back({error.message, std::move(entry)});
  };
  if (member.lost_commits() > 0)
    lost(damaged(member.layout().folder(), "its last " + std::to_string(member.lost_commits()) + " commits are gone"),
         std::nullopt);
  const Status visited = member.for_each([&](const Entry& entry) {
    ++verification.records;
    verification.bytes += entry.bytes;
    if (const Result<Value> value = member.read(entry); !value.ok()) lost(value.error(), entry);
    return Status{};
  });
  if (!visited.ok()) lost(visited.error(), std::nullopt);
  for (const char letter : {kLatestLetter, kDescriptionLetter})
    if (const Status scanned = member.scan(letter, [](auto, auto) { return Status{}; }); !scanned.ok())
      lost(scanned.error(), std::nullopt);
}

}  // namespace

Verification verify(const Store& store) {
  Verification verification;
  const auto& members = StoreFiles::of(store).members();
  for (std::size_t m = 0; m < members.size(); ++m) verify_member(*members[m], m, verification);
  return verification;
}

Status erase(Store& store, std::span<const ContentKey> keys) {
  Member* const member = StoreFiles::of(store).written();
  if (member == nullptr) return nothing_written();
  StoreFiles::of(store).places().forget();
  Result<IndexChanges> changes = changes_without(*member, std::set(keys.begin(), keys.end()));
  if (!changes.ok()) return changes.error();
  if (!changes->empty()) {
    const Commit commit{.next_ordinal = member->last_commit().next_ordinal};
    if (Status done = member->commit({}, *std::move(changes), commit); !done.ok()) return done;
  }
  return drop_dead_values(*member);
}

namespace {

// The changes of an index that take another store's entries in; entries that both have are counted, not taken.
Result<IndexChanges> changes_with(const Member& into, const std::map<std::uint64_t, Entry>& entries, const Member& from,
                                  Merged& merged, std::vector<Entry>& taken) {
  IndexChanges changes;
  std::map<DescriptionId, std::string> stages;
  const Status described = from.for_each_description([&](DescriptionId id, const Description& description) {
    stages.emplace(id, description.stage);
    changes.emplace(description_key(id), to_bytes(description));
  });
  if (!described.ok()) return described.error();
  for (const auto& [ordinal, entry] : entries) {
    const Result<std::vector<std::optional<Entry>>> found = into.find({&entry.key, 1});
    if (!found.ok()) return found.error();
    const std::optional<Entry>& mine = found->front();
    if (mine && (mine->xxh3 != entry.xxh3 || mine->bytes != entry.bytes)) {
      merged.differing.push_back(entry);
    } else if (mine) {
      ++merged.twice;
    } else {
      ++merged.records;
      merged.bytes += entry.bytes;
      taken.push_back(entry);
      changes.insert_or_assign(entry_key(entry.key), to_bytes(entry));
      changes.insert_or_assign(latest_key(stages[entry.description], entry.item), bytes_of(entry.key));
    }
  }
  return changes;
}

bool overlap(const std::vector<Table>& some, const std::vector<Table>& others) {
  return std::ranges::any_of(some, [&](const Table& one) {
    return std::ranges::any_of(others,
                               [&](const Table& other) { return one.first <= other.last && other.first <= one.last; });
  });
}

// Every table of values beside those of `into`, linked or, between file systems, copied.
Result<std::vector<std::string>> bring_tables(const Member& from, Member& into) {
  std::vector<std::string> files;
  for (const Table& table : from.database().value_tables()) {
    files.push_back(into.new_table(std::to_string(files.size()).c_str()));
    std::error_code failure;
    fs::create_hard_link(table.file, files.back(), failure);
    if (failure) fs::copy_file(table.file, files.back(), failure);
    if (failure) return to_error(into.layout().folder(), "write to", rocksdb::Status::IOError(failure.message()));
  }
  return files;
}

}  // namespace

std::int64_t bytes_on_disk(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code failure;
  for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    std::error_code gone;
    const std::uintmax_t size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

Result<Merged> merge(Store& into, const fs::path& from) {
  Member* const target = StoreFiles::of(into).written();
  if (target == nullptr) return nothing_written();
  StoreFiles::of(into).places().forget();
  Result<std::unique_ptr<Member>> source = Member::open(from, Mode::kWrite, /*tolerant=*/false, target->layout().env());
  if (!source.ok()) return source.error();
  const Result<std::map<std::uint64_t, Entry>> entries = entries_of(**source);
  if (!entries.ok()) return entries.error();
  Merged merged;
  std::vector<Entry> taken;
  Result<IndexChanges> changes = changes_with(*target, *entries, **source, merged, taken);
  if (!changes.ok()) return changes.error();
  if (!taken.empty() && overlap((*source)->database().value_tables(), target->database().value_tables())) {
    if (Status copied = copy(**source, taken, *target, *std::move(changes)); !copied.ok()) return copied.error();
  } else if (!taken.empty()) {
    const Result<std::vector<std::string>> files = bring_tables(**source, *target);
    if (!files.ok()) return files.error();
    const Commit commit{
        .records = merged.records, .bytes = merged.bytes, .next_ordinal = target->last_commit().next_ordinal};
    if (Status done = target->commit(*files, *std::move(changes), commit); !done.ok()) return done.error();
    target->last_use().absorb((*source)->last_use());
  }
  if (Status dropped = drop_dead_values(*target); !dropped.ok()) return dropped.error();
  add_table(from, target->layout().folder());
  source->reset();
  std::error_code failure;
  fs::remove_all(from, failure);
  if (failure)
    return Error{ErrorCode::kIo, "'" + from.string() + "' is merged, but cannot be removed: " + failure.message()};
  return merged;
}

}  // namespace earshot::cache
