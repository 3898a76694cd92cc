#include "earshot/pipeline/cache/content_table.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "earshot/pipeline/cache/entry.h"

namespace earshot::cache {
namespace {

namespace fs = std::filesystem;

// What identifies a state of a file.
struct FileState {
  std::string path;  // relative
  std::int64_t size = 0;
  std::int64_t time_ns = 0;
  std::uint64_t inode = 0;
};

// 128 bits of a state: two states are never taken for one.
struct StateKey {
  XXH128_hash_t hash;
  friend bool operator==(const StateKey& a, const StateKey& b) { return XXH128_isEqual(a.hash, b.hash) != 0; }
};
struct HashState {
  std::size_t operator()(const StateKey& key) const noexcept { return key.hash.low64; }
};
using Ids = std::unordered_map<StateKey, ContentKey, HashState>;
using Paths = std::unordered_set<std::uint64_t>;

std::uint64_t path_key(std::string_view path) { return XXH3_64bits(path.data(), path.size()); }

std::string text_of(const FileState& state) {
  return std::to_string(state.size) + " " + std::to_string(state.time_ns) + " " + std::to_string(state.inode) + " " +
         state.path;
}

StateKey key_of(std::string_view state) { return {XXH3_128bits(state.data(), state.size())}; }

std::string check_of(std::string_view text) {
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  return hex.data();
}

std::string line_of(std::string_view id, std::string_view state) {
  const std::string text = std::string(id) + " " + std::string(state);
  return check_of(text) + " " + text + "\n";
}

Result<FileState> state_of(const fs::path& root, const fs::path& relative) {
  struct stat status {};
  const fs::path file = root / relative;
  if (::stat(file.c_str(), &status) != 0)
    return Error{errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, file.string() + ": " + std::strerror(errno)};
  return FileState{relative.generic_string(), status.st_size,
                   status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino};
}

// The path in a state: behind size, time and inode.
std::string_view path_in(std::string_view state) {
  for (int skipped = 0; skipped < 3; ++skipped) state.remove_prefix(std::min(state.find(' '), state.size() - 1) + 1);
  return state;
}

// Every line that fits its check. `paths`: takes their paths; may be null.
Result<Ids> read_table(const fs::path& file, Paths* paths = nullptr) {
  constexpr std::size_t kCheck = 16;
  constexpr std::size_t kId = 32;
  Ids ids;
  std::error_code failure;
  if (!fs::exists(file, failure)) return ids;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{ErrorCode::kIo, "cannot read '" + file.string() + "'; remove it and files are hashed anew"};
  for (std::string line; std::getline(stream, line);) {
    if (line.size() < kCheck + kId + 3) continue;
    const std::string_view text = std::string_view(line).substr(kCheck + 1);
    if (check_of(text) != std::string_view(line).substr(0, kCheck)) continue;
    const std::optional<ContentKey> id = content_key_of(text.substr(0, kId));
    if (!id) continue;
    const std::string_view state = text.substr(kId + 1);
    ids[key_of(state)] = *id;
    if (paths != nullptr) paths->insert(path_key(path_in(state)));
  }
  return ids;
}

}  // namespace

struct ContentTable::Tables {
  Tables(Hashing how, Ids known, Paths known_paths, int descriptor)
      : hashing(how), ids(std::move(known)), paths(std::move(known_paths)), fd(descriptor) {}
  ~Tables() {
    if (fd >= 0) ::close(fd);
  }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  std::optional<std::string> find(const fs::path& root, const FileState& state) {
    {
      const std::shared_lock lock(mutex);
      if (const auto found = ids.find(key_of(text_of(state))); found != ids.end()) return to_hex(found->second);
      if (const auto sums = sums_by_root.find(root); sums != sums_by_root.end()) return find_sum(sums->second, state);
    }
    Result<Ids> read = read_table(root / kSumsFile);
    const std::unique_lock lock(mutex);
    return find_sum(sums_by_root.emplace(root, read.ok() ? *std::move(read) : Ids()).first->second, state);
  }

  void learn(const FileState& state, const std::string& id) {
    const std::string text = text_of(state);
    const std::string line = line_of(id, text);
    const std::unique_lock lock(mutex);
    bytes += state.size;
    ids[key_of(text)] = content_key_of(id).value_or(ContentKey{});
    if (fd < 0) return;
    // One write: lines of several processes do not mix. What is cut off does not fit its check.
    if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      ::close(fd);
      fd = -1;
    }
  }

  const Hashing hashing;
  std::shared_mutex mutex;
  Ids ids;
  const Paths paths;  // where nothing is hashed: those of `ids`
  std::map<fs::path, Ids> sums_by_root;
  std::int64_t bytes = 0;
  std::atomic<std::int64_t> reading_ns{0};
  std::atomic<std::int64_t> asked_bytes{0};
  std::atomic<std::int64_t> asked_changed{0};
  int fd;  // -1: cannot be written

 private:
  static std::optional<std::string> find_sum(const Ids& sums, FileState state) {
    state.inode = 0;
    const auto found = sums.find(key_of(text_of(state)));
    return found == sums.end() ? std::nullopt : std::optional(to_hex(found->second));
  }
};

ContentTable::ContentTable(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
ContentTable::~ContentTable() = default;

Result<std::unique_ptr<ContentTable>> ContentTable::open(fs::path file, Hashing hashing,
                                                         std::span<const fs::path> others) {
  Paths paths;
  Paths* const wanted = hashing == Hashing::kNever ? &paths : nullptr;
  Result<Ids> known = read_table(file, wanted);
  if (!known.ok()) return known.error();
  for (const fs::path& other : others) {
    if (other == file) continue;
    Result<Ids> more = read_table(other, wanted);
    if (!more.ok()) return more.error();
    known->merge(*more);
  }
  const int fd =
      hashing == Hashing::kNever ? -1 : ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  // A line that an earlier process did not finish must not spoil the next one.
  if (fd >= 0 && ::lseek(fd, 0, SEEK_END) > 0) (void)!::write(fd, "\n", 1);
  return std::unique_ptr<ContentTable>(
      new ContentTable(std::make_unique<Tables>(hashing, *std::move(known), std::move(paths), fd)));
}

Result<std::string> ContentTable::of_file(const fs::path& root, const fs::path& relative) const {
  const Result<FileState> before = state_of(root, relative);
  if (!before.ok()) return before.error();
  tables_->asked_bytes += before->size;
  if (tables_->hashing != Hashing::kAnew)
    if (std::optional<std::string> known = tables_->find(root, *before)) return *std::move(known);
  if (tables_->hashing == Hashing::kNever && tables_->paths.contains(path_key(before->path))) ++tables_->asked_changed;
  if (tables_->hashing == Hashing::kNever)
    return Error{ErrorCode::kNotFound, (root / relative).string() + ": not hashed yet"};
  const auto begun = std::chrono::steady_clock::now();
  Result<std::string> id = content_id_of_file(root / relative);
  if (!id.ok()) return id;
  tables_->reading_ns += (std::chrono::steady_clock::now() - begun).count();
  // A file that changed while it was read has an id of neither state: it is not remembered.
  const Result<FileState> after = state_of(root, relative);
  if (after.ok() && text_of(*after) == text_of(*before)) tables_->learn(*before, *id);
  return id;
}

std::int64_t ContentTable::bytes_read() const {
  const std::shared_lock lock(tables_->mutex);
  return tables_->bytes;
}

ContentTable::Asked ContentTable::asked() const { return {tables_->asked_bytes, tables_->asked_changed}; }

void add_table(const fs::path& from, const fs::path& into) {
  std::ifstream lines(from / kTableFile, std::ios::binary);
  std::ofstream table(into / kTableFile, std::ios::binary | std::ios::app);
  if (lines && lines.peek() != std::ifstream::traits_type::eof()) table << lines.rdbuf();
}

double ContentTable::seconds_reading() const { return static_cast<double>(tables_->reading_ns.load()) * 1e-9; }

Result<Sums> write_sums(const fs::path& folder) {
  std::error_code failure;
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) names.push_back(entry->path().lexically_relative(folder).generic_string());
  }
  if (failure)
    return Error{ErrorCode::kNotFound, folder.string() + ": " + failure.message() + "; a folder was expected"};
  std::ranges::sort(names);
  Sums sums;
  std::string text;
  for (const std::string& name : names) {
    Result<FileState> state = state_of(folder, name);
    if (!state.ok()) return state.error();
    const Result<std::string> id = content_id_of_file(folder / name);
    if (!id.ok()) return id.error();
    ++sums.files;
    sums.bytes += state->size;
    state->inode = 0;
    text += line_of(*id, text_of(*state));
  }
  const fs::path temporary = folder / (std::string(kSumsFile) + ".tmp");
  std::ofstream(temporary, std::ios::binary) << text;
  if (fs::file_size(temporary, failure) != text.size() || failure)
    return Error{ErrorCode::kIo, "cannot write '" + temporary.string() + "'"};
  fs::rename(temporary, folder / kSumsFile, failure);
  if (failure)
    return Error{ErrorCode::kIo, "cannot write '" + (folder / kSumsFile).string() + "': " + failure.message()};
  return sums;
}

}  // namespace earshot::cache
