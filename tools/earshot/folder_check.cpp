#include "folder_check.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "table.h"

namespace earshot::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr int kBlocks = 64;
constexpr std::size_t kPageBytes = 4096;

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

std::string reason() { return std::strerror(errno); }

// A file that is removed on the way out.
class ScratchFile {
 public:
  explicit ScratchFile(fs::path path) : path_(std::move(path)) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }
  ~ScratchFile() {
    if (fd_ >= 0) ::close(fd_);
    ::unlink(path_.c_str());
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  int fd_ = -1;
};

std::string kind_of(const struct statfs& system) {
  struct Name {
    std::uint64_t magic;
    const char* name;
  };
  constexpr std::array<Name, 9> kNames = {{{0xEF53, "ext4"},
                                           {0x58465342, "xfs"},
                                           {0x9123683E, "btrfs"},
                                           {0x01021994, "tmpfs"},
                                           {0x794C7630, "overlay"},
                                           {0x6969, "nfs"},
                                           {0x0BD00BD0, "lustre"},
                                           {0x65735546, "fuse"},
                                           {0x01021997, "9p"}}};
  for (const Name& name : kNames)
    if (static_cast<std::uint64_t>(system.f_type) == name.magic) return name.name;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "type 0x%lx", static_cast<unsigned long>(system.f_type));
  return text.data();
}

Finding free_space(const fs::path& folder) {
  struct statfs system = {};
  if (::statfs(folder.c_str(), &system) != 0) return {"free space", reason(), false};
  const double free_bytes = static_cast<double>(system.f_bavail) * static_cast<double>(system.f_bsize);
  return {"free space", bytes_text(free_bytes) + " (" + kind_of(system) + ")"};
}

Finding writing(int file) {
  const std::vector<char> block(kBlockBytes, 'e');
  const Clock::time_point begun = Clock::now();
  for (int i = 0; i < kBlocks; ++i)
    if (::write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()))
      return {"writing", reason(), false};
  if (::fsync(file) != 0) return {"writing", "cannot be synced: " + reason(), false};
  return {"writing", bytes_text(kBlocks * static_cast<double>(kBlockBytes) / seconds_since(begun)) + "/s, synced"};
}

// The median of what one commit costs at least.
Finding syncing(int file) {
  std::array<double, 9> took_s{};
  for (double& each : took_s) {
    const Clock::time_point begun = Clock::now();
    if (::pwrite(file, "earshot", 7, 0) != 7 || ::fdatasync(file) != 0) return {"sync", reason(), false};
    each = seconds_since(begun);
  }
  std::ranges::nth_element(took_s, took_s.begin() + took_s.size() / 2);
  return {"sync", figure_text(1000 * took_s[took_s.size() / 2]) + " ms"};
}

// Two descriptors must not get the same lock.
Finding locking(const ScratchFile& file) {
  const int other = ::open(file.path().c_str(), O_RDWR | O_CLOEXEC);
  if (other < 0) return {"locks", reason(), false};
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  Finding finding = {"locks", "work"};
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0)
    finding = {"locks", "are refused: " + reason() + "; no cache can be kept here", false};
  else if (::fcntl(other, F_OFD_SETLK, &lock) == 0)
    finding = {"locks", "are given twice; two programs would write over each other here", false};
  ::close(other);
  return finding;
}

Finding mapping(int file) {
  void* const page = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) return {"memory maps", "are refused: " + reason(), false};
  std::memcpy(page, "mapped", 6);
  const bool synced = ::msync(page, kPageBytes, MS_SYNC) == 0;
  ::munmap(page, kPageBytes);
  std::array<char, 6> back{};
  const bool same = ::pread(file, back.data(), back.size(), 0) == 6 && std::memcmp(back.data(), "mapped", 6) == 0;
  if (synced && same) return {"memory maps", "work"};
  return {"memory maps", "what is written through one is not in the file", false};
}

Finding renaming(const fs::path& folder, const ScratchFile& file) {
  const ScratchFile target(folder / ".earshot-doctor-2");
  if (::rename(file.path().c_str(), target.path().c_str()) != 0) return {"rename", reason(), false};
  const bool back = ::rename(target.path().c_str(), file.path().c_str()) == 0;
  return {"rename", back ? "replaces a file at once" : reason(), back};
}

}  // namespace

Result<std::vector<Finding>> check_folder(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return Error{ErrorCode::kNotFound, "'" + folder.string() + "' is no folder"};
  const ScratchFile file(folder / ".earshot-doctor-1");
  if (file.get() < 0) return Error{ErrorCode::kIo, "nothing can be written in '" + folder.string() + "': " + reason()};
  std::vector<Finding> findings = {free_space(folder), writing(file.get()), syncing(file.get()), locking(file),
                                   mapping(file.get())};
  findings.push_back(renaming(folder, file));
  return findings;
}

}  // namespace earshot::tools
