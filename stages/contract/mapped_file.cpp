#include "earshot/contract/mapped_file.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace earshot {
namespace {

Error failure(const std::filesystem::path& file, int why) {
  return {why == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
          "cannot read " + file.string() + ": " + std::strerror(why)};
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure(file, errno);
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  const std::size_t size = known ? static_cast<std::size_t>(status.st_size) : 0;
  void* const data = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
  const int why = errno;
  ::close(descriptor);
  if (!known) return Error{ErrorCode::kIo, file.string() + " is no file that can be mapped"};
  if (size == 0) return Error{ErrorCode::kCorruptInput, file.string() + " is empty"};
  if (data == MAP_FAILED) return failure(file, why);
  return std::make_shared<const MappedFile>(std::span(static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

void MappedFile::release(std::span<const std::byte> part) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto before = reinterpret_cast<std::uintptr_t>(part.data()) % page;
  const std::size_t first = (page - before) % page;  // byte of `part` that begins a page
  if (part.size() < first + page) return;
  const std::span<const std::byte> pages = part.subspan(first, (part.size() - first) / page * page);
  ::madvise(const_cast<std::byte*>(pages.data()), pages.size(), MADV_DONTNEED);
}

}  // namespace earshot
