#include "keeper.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "earshot/pipeline/cache/maintain.h"

namespace earshot::run {
namespace {

constexpr std::uint64_t kCommitBytes = std::uint64_t{64} << 20;
constexpr std::chrono::seconds kCommitInterval{20};

// Of a folder of stores: what any of them knows.
std::vector<std::filesystem::path> content_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files = {folder / cache::kTableFile};
  std::error_code failure;
  for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().filename().string().starts_with("shard-")) files.push_back(at->path() / cache::kTableFile);
  return files;
}

}  // namespace

std::string machine_class(int compute_threads) {
  std::string name = "x86-64";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0)
    name += " avx512";
  else if (__builtin_cpu_supports("avx2") != 0)
    name += " avx2";
#else
  name = "other";
#endif
  return name + ", " + std::to_string(compute_threads) + " threads";
}

Keeper::Keeper(std::optional<cache::Store> store, std::unique_ptr<cache::ContentTable> contents, std::string machine,
               std::int64_t quota)
    : store_(std::move(store)),
      contents_(std::move(contents)),
      machine_(std::move(machine)),
      quota_(quota),
      committed_at_(std::chrono::steady_clock::now()) {}

Result<std::unique_ptr<Keeper>> Keeper::open(const CacheUse& use, std::string machine) {
  Result<cache::Store> store = cache::Store::open(use.path, {.mode = cache::Mode::kWrite, .shard = use.shard});
  if (!store.ok()) return store.error();
  Result<std::unique_ptr<cache::ContentTable>> contents =
      cache::ContentTable::open(use.path / use.shard / cache::kTableFile, use.hashing, content_files(use.path));
  if (!contents.ok()) return contents.error();
  std::unique_ptr<Keeper> keeper(new Keeper(std::move(*store), *std::move(contents), std::move(machine), use.quota));
  if (use.quota > 0) keeper->taken_ = cache::bytes_on_disk(use.path);
  if (Status started = keeper->start_writer(); !started.ok()) return started.error();
  return keeper;
}

Result<std::unique_ptr<Keeper>> Keeper::open_to_look(const CacheUse& use, std::string machine) {
  Result<cache::Store> store = cache::Store::open(use.path);
  if (!store.ok() && store.error().code != ErrorCode::kNotFound) return store.error();
  Result<std::unique_ptr<cache::ContentTable>> contents =
      cache::ContentTable::open(use.path / use.shard / cache::kTableFile, use.hashing, content_files(use.path));
  if (!contents.ok()) return contents.error();
  std::optional<cache::Store> there;
  if (store.ok()) there = *std::move(store);
  return std::unique_ptr<Keeper>(new Keeper(std::move(there), *std::move(contents), std::move(machine), use.quota));
}

Status Keeper::start_writer() {
  Result<cache::Writer> writer = cache::Writer::of(*store_);
  if (!writer.ok()) return writer.error();
  writer_.emplace(*std::move(writer));
  return {};
}

Result<cache::DescriptionId> Keeper::describe(const cache::Description& description) {
  const std::scoped_lock lock(write_mutex_);
  return writer_ ? writer_->describe(description) : cache::DescriptionId{0};
}

Status Keeper::look_up(std::span<Kept* const> kept) const {
  if (!store_) return {};
  std::vector<cache::ContentKey> keys;
  keys.reserve(kept.size());
  for (const Kept* one : kept) keys.push_back(one->key);
  Result<std::vector<std::optional<cache::Place>>> found = store_->find(keys);
  if (!found.ok()) return broken_by(found.error());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i]->place = (*found)[i];
  return {};
}

void Keeper::claim(Kept& kept, bool compute) {
  if (kept.place) return;
  const std::scoped_lock lock(pending_mutex_);
  const auto found = pending_.find(kept.key);
  if (found != pending_.end() && found->second.state != State::kGivenUp) {
    kept.waits = !kept.claimed;
  } else if (compute) {
    pending_[kept.key] = {};
    kept.claimed = true;
  }
}

void Keeper::settle(const cache::ContentKey& key, Pending settled) {
  std::vector<std::function<void()>> waiting;
  {
    const std::scoped_lock lock(pending_mutex_);
    const auto found = pending_.find(key);
    if (found == pending_.end() || found->second.state != State::kComputing) return;
    waiting = std::move(found->second.waiting);
    found->second = std::move(settled);
  }
  for (const std::function<void()>& then : waiting) then();
}

void Keeper::give_up(const Kept& kept, const Error& why) {
  if (kept.claimed) settle(kept.key, {.state = State::kGivenUp, .error = why});
}

bool Keeper::ready(const Kept& kept, std::function<void()> then) {
  const std::scoped_lock lock(pending_mutex_);
  const auto found = pending_.find(kept.key);
  if (found == pending_.end() || found->second.state != State::kComputing) return true;
  found->second.waiting.push_back(std::move(then));
  return false;
}

Result<std::shared_ptr<const std::vector<std::byte>>> Keeper::pending_value(const Kept& kept) {
  const std::scoped_lock lock(pending_mutex_);
  const auto found = pending_.find(kept.key);
  if (found == pending_.end()) return std::shared_ptr<const std::vector<std::byte>>();
  if (found->second.state == State::kReady) return found->second.bytes;
  return Error{ErrorCode::kCorruptInput, found->second.state == State::kGivenUp
                                             ? "an item of the same content: " + found->second.error.message
                                             : "an item of the same content was not computed"};
}

Result<PayloadPtr> Keeper::read(const Kept& kept, const KeptPort& port) {
  std::optional<cache::Place> place = kept.place;
  if (!place) {
    const auto bytes = pending_value(kept);
    if (!bytes.ok()) return bytes.error();
    if (*bytes != nullptr) {
      const Result<Record> record = cache::unpack(**bytes);
      return record.ok() ? port.reader.from_record(*record) : record.error();
    }
    Result<std::vector<std::optional<cache::Place>>> found = store_->find(std::span(&kept.key, 1));
    if (!found.ok()) return broken_by(found.error());
    if (!found->front()) return Error{ErrorCode::kInternal, "a value that was kept a moment ago is not in the store"};
    place = found->front();
  }
  const Result<cache::Value> value = store_->read(*place);
  if (!value.ok()) return broken_by(value.error());
  {
    const std::scoped_lock lock(figures_mutex_);
    figures_.bytes_read += std::ssize(value->bytes());
  }
  const Result<Record> record = cache::unpack(value->bytes());
  return record.ok() ? port.reader.from_record(*record) : record.error();
}

Result<PayloadPtr> Keeper::keep(Kept& kept, const KeptPort& port, const Payload& payload, std::string_view item) {
  const Result<Record> record = payload.to_record();
  if (!record.ok()) return record.error();
  Result<std::vector<std::byte>> packed = cache::pack(*record, port.form);
  if (!packed.ok()) return packed.error();
  const auto bytes = std::make_shared<const std::vector<std::byte>>(*std::move(packed));
  kept.bytes = std::ssize(*bytes);
  {
    const std::scoped_lock lock(write_mutex_);
    {
      std::unique_lock figures(figures_mutex_);
      figures_.bytes_written += std::ssize(*bytes);
      const bool used_up = quota_ > 0 && taken_ + figures_.bytes_written > quota_;
      figures.unlock();
      if (used_up)
        return broken_by({ErrorCode::kIo, "cache.quota is used up: the store may take " + std::to_string(quota_) +
                                              " bytes; evict something (`earshot cache evict`), or raise it"});
    }
    Status put = writer_->put({.key = kept.key,
                               .description = port.description,
                               .item = item,
                               .content = kept.contents,
                               .machine = port.machine,
                               .value = *bytes});
    if (!put.ok()) return broken_by(put.error());
    settle(kept.key, {.state = State::kReady, .bytes = bytes});
    if (writer_->uncommitted_bytes() >= kCommitBytes ||
        std::chrono::steady_clock::now() - committed_at_ >= kCommitInterval)
      if (put = commit_locked(); !put.ok()) return broken_by(put.error());
  }
  // What a later run will read, so that hits and misses pass on the same bits.
  const auto begun = std::chrono::steady_clock::now();
  const Result<Record> back = cache::unpack(*bytes);
  Result<PayloadPtr> passed_on = back.ok() ? port.reader.from_record(*back) : Result<PayloadPtr>(back.error());
  const std::scoped_lock lock(figures_mutex_);
  figures_.unpacking_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return passed_on;
}

Status Keeper::commit() {
  const std::scoped_lock lock(write_mutex_);
  return commit_locked();
}

Status Keeper::commit_locked() {
  committed_at_ = std::chrono::steady_clock::now();
  if (Status committed = writer_->commit(); !committed.ok()) return committed;
  {
    const std::scoped_lock lock(pending_mutex_);
    std::erase_if(pending_, [](const auto& one) { return one.second.state == State::kReady; });
  }
  const std::scoped_lock lock(figures_mutex_);
  ++figures_.commits;
  return {};
}

Error Keeper::broken_by(Error error) const {
  const std::scoped_lock lock(figures_mutex_);
  if (!broken_) broken_ = error;
  return error;
}

std::optional<Error> Keeper::broken() const {
  const std::scoped_lock lock(figures_mutex_);
  return broken_;
}

void Keeper::count(std::int64_t hits, std::int64_t misses, std::int64_t source_bytes) {
  const std::scoped_lock lock(figures_mutex_);
  figures_.hits += hits;
  figures_.misses += misses;
  figures_.source_bytes += source_bytes;
}

CacheFigures Keeper::figures() const {
  const std::scoped_lock lock(figures_mutex_);
  return figures_;
}

}  // namespace earshot::run
