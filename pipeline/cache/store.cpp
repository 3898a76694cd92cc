#include "earshot/pipeline/cache/store.h"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "store_files.h"

namespace earshot::cache {
namespace {

namespace fs = std::filesystem;

// The folder and its sub-folders shard-*, those that are stores or will be one, in the order of their names.
std::vector<fs::path> stores_in(const fs::path& folder, const OpenOptions& options) {
  std::vector<fs::path> shards;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().filename().string().starts_with("shard-") && fs::exists(at->path() / "format", failure))
      shards.push_back(at->path());
  const bool writes = options.mode == Mode::kWrite;
  if (writes && !options.shard.empty()) shards.push_back(folder / options.shard);
  std::ranges::sort(shards);
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  if (fs::exists(folder / "format", failure) || (writes && options.shard.empty()))
    shards.insert(shards.begin(), folder);
  return shards;
}

}  // namespace

Result<Store> StoreFiles::open(const fs::path& folder, const OpenOptions& options, rocksdb::Env* env) {
  const std::vector<fs::path> stores = stores_in(folder, options);
  if (stores.empty())
    return Error{ErrorCode::kNotFound, "there is no store in '" + folder.string() + "': no file 'format', no shard-*"};
  auto files = std::make_unique<StoreFiles>();
  for (const fs::path& path : stores) {
    const bool written =
        options.mode == Mode::kWrite && path == (options.shard.empty() ? folder : folder / options.shard);
    Result<std::unique_ptr<Member>> member =
        Member::open(path, written ? Mode::kWrite : Mode::kRead, options.tolerant, env);
    // A shard that another process is just making.
    if (!member.ok() && member.error().code == ErrorCode::kNotFound && stores.size() > 1) continue;
    if (!member.ok()) return member.error();
    if (written) files->written_ = files->members_.size();
    files->members_.push_back(*std::move(member));
  }
  return Store(std::move(files));
}

Store::Store(std::unique_ptr<StoreFiles> files) : files_(std::move(files)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const fs::path& folder, const OpenOptions& options) {
  return StoreFiles::open(folder, options, rocksdb::Env::Default());
}

Result<std::vector<std::optional<Place>>> Store::find(std::span<const ContentKey> keys) const {
  std::vector<std::optional<Place>> places(keys.size());
  std::vector<std::size_t> unknown = files_->places().find(keys, places);
  if (unknown.empty()) return places;
  for (std::size_t m = 0; m < files_->members().size() && !unknown.empty(); ++m) {
    std::vector<ContentKey> wanted;
    for (const std::size_t i : unknown) wanted.push_back(keys[i]);
    const Result<std::vector<std::optional<Entry>>> found = files_->members()[m]->find(wanted);
    if (!found.ok()) return found.error();
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < unknown.size(); ++i) {
      if (!(*found)[i]) left.push_back(unknown[i]);
      if (!(*found)[i]) continue;
      places[unknown[i]] = *(*found)[i];
      places[unknown[i]]->member = m;
    }
    unknown = std::move(left);
  }
  files_->places().note(places);
  return places;
}

Result<Value> Store::read(const Place& place) const { return files_->members()[place.member]->read(place); }

Result<std::optional<Entry>> Store::latest(std::string_view stage, std::string_view item) const {
  std::optional<Entry> latest;
  for (std::size_t m = 0; m < files_->members().size(); ++m) {
    Result<std::optional<Entry>> found = files_->members()[m]->latest(stage, item);
    if (!found.ok()) return found.error();
    if (!*found || (latest && latest->written_s >= (*found)->written_s)) continue;
    latest = *std::move(found);
    latest->member = m;
  }
  return latest;
}

Status Store::for_each(const std::function<Status(const Entry& entry)>& visit) const {
  for (std::size_t m = 0; m < files_->members().size(); ++m) {
    Status visited = files_->members()[m]->for_each([&](const Entry& found) {
      Entry entry = found;
      entry.member = m;
      return visit(entry);
    });
    if (!visited.ok()) return visited;
  }
  return {};
}

Result<std::optional<Description>> Store::description(DescriptionId id) const {
  for (const std::unique_ptr<Member>& member : files_->members()) {
    Result<std::optional<Description>> found = member->description(id);
    if (!found.ok() || *found) return found;
  }
  return std::optional<Description>();
}

Result<std::vector<std::pair<DescriptionId, Description>>> Store::descriptions() const {
  std::map<DescriptionId, Description> all;
  for (const std::unique_ptr<Member>& member : files_->members()) {
    const Status visited = member->for_each_description(
        [&](DescriptionId id, Description description) { all.emplace(id, std::move(description)); });
    if (!visited.ok()) return visited.error();
  }
  return std::vector<std::pair<DescriptionId, Description>>(all.begin(), all.end());
}

std::int64_t Store::last_use_s(const Entry& entry) const {
  return std::max(entry.written_s, files_->members()[entry.member]->last_use().of(entry.ordinal));
}

std::vector<fs::path> Store::members() const {
  std::vector<fs::path> folders;
  for (const std::unique_ptr<Member>& member : files_->members()) folders.push_back(member->layout().folder());
  return folders;
}

}  // namespace earshot::cache
