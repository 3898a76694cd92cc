#include "plain_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace earshot::bench {
namespace {

Error io_error(const std::filesystem::path& file) {
  return {ErrorCode::kIo, "'" + file.string() + "': " + std::strerror(errno)};
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags) : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Status write_plain_file(const std::filesystem::path& file, std::size_t count, std::uint64_t sync_bytes,
                        const RecordBytes& bytes) {
  const Descriptor descriptor(file, O_WRONLY | O_CREAT | O_TRUNC);
  std::uint64_t unsynced = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::span<const std::byte> left = bytes(i);
    unsynced += left.size();
    while (!left.empty()) {
      const ssize_t written = ::write(descriptor.get(), left.data(), left.size());
      if (written < 0) return io_error(file);
      left = left.subspan(static_cast<std::size_t>(written));
    }
    if (unsynced < sync_bytes && i + 1 < count) continue;
    if (::fsync(descriptor.get()) != 0) return io_error(file);
    unsynced = 0;
  }
  return {};
}

Result<PlainFile> PlainFile::open(const std::filesystem::path& file, std::size_t record_bytes) {
  const Descriptor descriptor(file, O_RDONLY);
  struct stat status = {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0) return io_error(file);
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor.get(), 0);
  if (map == MAP_FAILED) return io_error(file);
  return PlainFile({static_cast<const std::byte*>(map), size}, record_bytes);
}

PlainFile::PlainFile(PlainFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), record_bytes_(other.record_bytes_) {}

PlainFile::~PlainFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace earshot::bench
