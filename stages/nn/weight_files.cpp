#include "earshot/nn/weight_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace earshot::nn {

// One file, read-only, unmapped at the end.
class WeightFiles::Mapping {
 public:
  static Result<std::shared_ptr<const Mapping>> open(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failure(file, errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo);
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    const std::size_t size = known ? static_cast<std::size_t>(status.st_size) : 0;
    // An empty file has nothing to map, and is no safetensors file either.
    void* const data = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
    const int why = errno;
    ::close(descriptor);
    if (!known) return Error{ErrorCode::kIo, file.string() + " is no file that can be mapped"};
    if (size == 0) return Error{ErrorCode::kCorruptInput, file.string() + " is empty"};
    errno = why;
    if (data == MAP_FAILED) return failure(file, ErrorCode::kIo);
    return std::make_shared<const Mapping>(static_cast<const std::byte*>(data), size);
  }

  Mapping(const std::byte* data, std::size_t size) : bytes_(data, size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  static Error failure(const std::filesystem::path& file, ErrorCode code) {
    return {code, "cannot read " + file.string() + ": " + std::strerror(errno)};
  }
  std::span<const std::byte> bytes_;
};

Result<WeightFiles> WeightFiles::open(std::span<const std::filesystem::path> files) {
  WeightFiles opened;
  for (const std::filesystem::path& file : files) {
    Result<std::shared_ptr<const Mapping>> mapping = Mapping::open(file);
    if (!mapping.ok()) return std::move(mapping).error();
    Result<std::vector<TensorView>> tensors = list_safetensors((*mapping)->bytes());
    if (!tensors.ok()) return Error{tensors.error().code, file.string() + ": " + tensors.error().message};
    std::ranges::move(*tensors, std::back_inserter(opened.tensors_));
    opened.mappings_.push_back(*std::move(mapping));
  }
  std::ranges::sort(opened.tensors_, {}, &TensorView::name);
  const auto twice = std::ranges::adjacent_find(opened.tensors_, {}, &TensorView::name);
  if (twice != opened.tensors_.end())
    return Error{ErrorCode::kCorruptInput,
                 files.back().string() + " and a file beside it both hold '" + twice->name + "'"};
  return opened;
}

const TensorView* WeightFiles::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorView::name);
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

void WeightFiles::release(const TensorView& tensor) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto before = reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % page;
  const std::size_t first = (page - before) % page;  // of the tensor's bytes that begins a page
  if (tensor.bytes.size() < first + page) return;
  const std::span<const std::byte> pages = tensor.bytes.subspan(first, (tensor.bytes.size() - first) / page * page);
  ::madvise(const_cast<std::byte*>(pages.data()), pages.size(), MADV_DONTNEED);
}

}  // namespace earshot::nn
