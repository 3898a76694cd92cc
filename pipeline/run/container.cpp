#include "container.h"

#include <cstring>
#include <fstream>
#include <span>
#include <string_view>

#include <xxhash.h>

namespace earshot::run {
namespace {

constexpr std::string_view kMagic = "EARSHOT-STATE-1\n";
constexpr std::size_t kFixed = kMagic.size() + 2 * sizeof(std::uint64_t);

void append(std::vector<std::byte>& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

}  // namespace

std::vector<std::byte> pack(const Container& container) {
  nlohmann::json header = {{"meta", container.meta}, {"blobs", nlohmann::json::array()}};
  for (const auto& [name, bytes] : container.blobs) header["blobs"].push_back({{"name", name}, {"size", bytes.size()}});
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  std::vector<std::byte> out;
  append(out, kMagic.data(), kMagic.size());
  append(out, &length, sizeof(length));
  append(out, text.data(), text.size());
  for (const auto& [name, bytes] : container.blobs) append(out, bytes.data(), bytes.size());
  const std::uint64_t sum = XXH3_64bits(out.data(), out.size());
  append(out, &sum, sizeof(sum));
  return out;
}

Result<Container> read_container(const std::filesystem::path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (failed) return Error{ErrorCode::kNotFound, "'" + file.string() + "': " + failed.message()};
  const auto corrupt = [&](const char* what) {
    return Error{ErrorCode::kCorruptInput, "'" + file.string() + "' is damaged: " + what};
  };
  if (size < kFixed) return corrupt("it is too short");
  std::vector<std::byte> bytes(size);
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    return Error{ErrorCode::kIo, "cannot read '" + file.string() + "'"};
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) return corrupt("it is no state of earshot");
  const std::size_t end = bytes.size() - sizeof(std::uint64_t);
  if (XXH3_64bits(bytes.data(), end) != number_at(bytes, end)) return corrupt("its checksum differs");
  const std::size_t begin = kMagic.size() + sizeof(std::uint64_t);
  const std::uint64_t length = number_at(bytes, kMagic.size());
  if (length > end - begin) return corrupt("its header is cut off");
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + begin;
  const nlohmann::json header = nlohmann::json::parse(text, text + length, nullptr, false);
  if (!header.is_object() || !header.contains("blobs") || !header.contains("meta")) return corrupt("its header");
  Container container{.meta = header["meta"]};
  std::size_t offset = begin + length;
  for (const nlohmann::json& blob : header["blobs"]) {
    const auto blob_size = blob.at("size").get<std::uint64_t>();
    if (blob_size > end - offset) return corrupt("a blob is cut off");
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    container.blobs.emplace_back(blob.at("name").get<std::string>(),
                                 std::vector<std::byte>(first, first + static_cast<std::ptrdiff_t>(blob_size)));
    offset += blob_size;
  }
  return container;
}

}  // namespace earshot::run
