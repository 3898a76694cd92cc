#include "earshot/contract/content_id.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

#include <xxhash.h>

namespace earshot {
namespace {

std::string to_hex(XXH128_hash_t hash) {
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text.data();
}

struct FreeState {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

}  // namespace

std::string content_id(std::string_view bytes) { return to_hex(XXH3_128bits(bytes.data(), bytes.size())); }

Result<std::string> content_id_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::error_code ignored;
    const bool there = std::filesystem::exists(path, ignored);
    return Error{there ? ErrorCode::kIo : ErrorCode::kNotFound, path.string() + ": cannot be opened to be hashed"};
  }
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  std::vector<char> piece(std::size_t{1} << 20);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    XXH3_128bits_update(state.get(), piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return Error{ErrorCode::kIo, path.string() + ": reading stopped before the end"};
  return to_hex(XXH3_128bits_digest(state.get()));
}

ContentIds::~ContentIds() = default;

Result<std::string> content_id_of_file(const ContentIds* remembered, const std::filesystem::path& root,
                                       const std::filesystem::path& relative) {
  return remembered == nullptr ? content_id_of_file(root / relative) : remembered->of_file(root, relative);
}

}  // namespace earshot
