#include "layout.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

#include <xxhash.h>

namespace earshot::cache {
namespace {

constexpr std::size_t kSlotDistance = 4096;
constexpr std::size_t kSlotBytes = 64;
const std::string kMagic = "earshot store\nformat ";

std::string slot_of(std::uint64_t commits) {
  const std::array<std::uint64_t, 2> numbers = {commits, ~commits};
  const std::uint64_t sum = XXH3_64bits(numbers.data(), sizeof numbers);
  std::string slot(kSlotBytes, '\0');
  std::memcpy(slot.data(), numbers.data(), sizeof numbers);
  std::memcpy(slot.data() + sizeof numbers, &sum, sizeof sum);
  return slot;
}

std::optional<std::uint64_t> commits_of(std::string_view slot) {
  std::uint64_t commits = 0;
  if (slot.size() != kSlotBytes) return {};
  std::memcpy(&commits, slot.data(), sizeof commits);
  if (slot_of(commits) != slot) return {};
  return commits;
}

rocksdb::Status sync_folder(rocksdb::Env* env, const std::string& folder) {
  std::unique_ptr<rocksdb::Directory> directory;
  const rocksdb::Status opened = env->NewDirectory(folder, &directory);
  return opened.ok() ? directory->Fsync() : opened;
}

}  // namespace

Error to_error(const std::filesystem::path& store, const std::string& doing, const rocksdb::Status& status) {
  const std::string text = "cannot " + doing + " the store '" + store.string() + "': ";
  // A table that is gone or shorter than it was is an I/O error to RocksDB.
  if (status.IsCorruption() || status.IsPathNotFound() ||
      status.ToString().find("larger than file length") != std::string::npos)
    return damaged(store, status.ToString());
  if (status.IsNoSpace())
    return {ErrorCode::kIo, text + "the disk is full; what was committed is intact: free some space and run again"};
  return {ErrorCode::kIo, text + status.ToString() + "; what was committed is intact"};
}

Error damaged(const std::filesystem::path& store, const std::string& what) {
  return {ErrorCode::kCorruptInput,
          "the store '" + store.string() + "' is damaged: " + what +
              "; `earshot cache verify` lists what is lost, copies of its files put back mend it"};
}

Result<int> Layout::format() const {
  const Result<bool> there = has("format");
  if (!there.ok()) return there.error();
  if (!*there) return 0;
  std::string text;
  if (const rocksdb::Status read = rocksdb::ReadFileToString(env_, path("format"), &text); !read.ok())
    return to_error(folder_, "read the format of", read);
  for (int known = 1; known <= kFormat; ++known)
    if (text == kMagic + std::to_string(known) + "\n") return known;
  int format = 0;
  if (text.starts_with(kMagic)) std::from_chars(text.data() + kMagic.size(), text.data() + text.size(), format);
  if (format <= kFormat) return damaged(folder_, "its file 'format' is not one of a store");
  return Error{ErrorCode::kUnsupported, "the store '" + folder_.string() + "' has format " + std::to_string(format) +
                                            ", this earshot reads up to " + std::to_string(kFormat) +
                                            "; use the earshot that wrote it, or another folder"};
}

Status Layout::write_format() { return replace("format", kMagic + std::to_string(kFormat) + "\n"); }

Result<std::optional<std::uint64_t>> Layout::committed() const {
  const Result<bool> there = has("committed");
  if (!there.ok()) return there.error();
  if (!*there) return std::optional<std::uint64_t>();
  std::string bytes;
  if (const rocksdb::Status read = rocksdb::ReadFileToString(env_, path("committed"), &bytes); !read.ok())
    return to_error(folder_, "read the number of commits of", read);
  std::optional<std::uint64_t> most;
  for (std::size_t at = 0; at < 2 * kSlotDistance; at += kSlotDistance)
    if (at < bytes.size()) most = std::max(most, commits_of(std::string_view(bytes).substr(at, kSlotBytes)));
  if (!most) return damaged(folder_, "its file 'committed' has no valid slot");
  return most;
}

Status Layout::set_committed(std::uint64_t commits) {
  const std::string slot = slot_of(commits);
  if (commits == 0) return replace("committed", slot + std::string(2 * kSlotDistance - kSlotBytes, '\0'));
  std::unique_ptr<rocksdb::RandomRWFile> file;
  rocksdb::Status done = env_->NewRandomRWFile(path("committed"), &file, {});
  if (done.ok()) done = file->Write(commits % 2 * kSlotDistance, slot);
  if (done.ok()) done = file->Fsync();
  if (done.ok()) done = file->Close();
  if (!done.ok()) return to_error(folder_, "note a commit of", done);
  return {};
}

Result<bool> Layout::has(const char* name) const {
  const rocksdb::Status found = env_->FileExists(path(name));
  if (found.ok() || found.IsNotFound()) return found.ok();
  return to_error(folder_, std::string("look for the file '") + name + "' of", found);
}

Status Layout::replace(const char* name, const std::string& bytes) {
  const std::string temporary = path(name) + ".tmp";
  rocksdb::Status done = rocksdb::WriteStringToFile(env_, bytes, temporary, /*should_sync=*/true);
  if (done.ok()) done = env_->RenameFile(temporary, path(name));
  if (done.ok()) done = sync_folder(env_, folder_.string());
  if (!done.ok()) return to_error(folder_, std::string("write the file '") + name + "' of", done);
  return {};
}

}  // namespace earshot::cache
