#include "container.h"

#include <cstring>
#include <string_view>

#include <xxhash.h>

namespace earshot::run {
namespace {

constexpr std::string_view kMagic = "EARSHOT-STATE-2\n";
constexpr std::size_t kNumber = sizeof(std::uint64_t);

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
std::span<const std::byte> bytes_of(const std::uint64_t& number) { return std::as_bytes(std::span(&number, 1)); }

std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, kNumber);
  return value;
}

}  // namespace

class ContainerWriter::Sum {
 public:
  Sum() { XXH3_64bits_reset(state_.get()); }
  void add(std::span<const std::byte> bytes) { XXH3_64bits_update(state_.get(), bytes.data(), bytes.size()); }
  [[nodiscard]] std::uint64_t value() const { return XXH3_64bits_digest(state_.get()); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_{XXH3_createState()};
};

ContainerWriter::ContainerWriter(const ByteSink& file)
    : file_(file), sum_(std::make_unique<Sum>()), begun_(put(bytes_of(kMagic))) {}

ContainerWriter::~ContainerWriter() = default;

Status ContainerWriter::put(std::span<const std::byte> bytes) {
  sum_->add(bytes);
  written_ += bytes.size();
  return file_(bytes);
}

Status ContainerWriter::blob(const std::string& name, const std::function<Status(const ByteSink&)>& fill) {
  if (!begun_.ok()) return begun_;
  const std::uint64_t before = written_;
  if (Status filled = fill([this](std::span<const std::byte> bytes) { return put(bytes); }); !filled.ok())
    return filled;
  if (written_ > before) blobs_.push_back({{"name", name}, {"size", written_ - before}});
  return {};
}

Status ContainerWriter::finish(const nlohmann::json& meta) {
  if (!begun_.ok()) return begun_;
  const std::string header = nlohmann::json{{"meta", meta}, {"blobs", blobs_}}.dump();
  if (Status written = put(bytes_of(header)); !written.ok()) return written;
  const std::uint64_t length = header.size();
  if (Status written = put(bytes_of(length)); !written.ok()) return written;
  const std::uint64_t sum = sum_->value();
  return file_(bytes_of(sum));
}

Result<Container> read_container(const std::filesystem::path& file) {
  Result<std::shared_ptr<const MappedFile>> mapped = MappedFile::open(file);
  if (!mapped.ok()) return mapped.error();
  const std::span<const std::byte> bytes = (*mapped)->bytes();
  const auto corrupt = [&](const char* what) {
    return Error{ErrorCode::kCorruptInput, "'" + file.string() + "' is damaged: " + what};
  };
  if (bytes.size() < kMagic.size() + 2 * kNumber) return corrupt("it is too short");
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return corrupt("it is no state, or one of another version of earshot");
  const std::size_t sum_at = bytes.size() - kNumber;
  if (XXH3_64bits(bytes.data(), sum_at) != number_at(bytes, sum_at)) return corrupt("its checksum differs");
  const std::size_t header_end = sum_at - kNumber;
  const std::uint64_t length = number_at(bytes, header_end);
  if (length > header_end - kMagic.size()) return corrupt("its header is cut off");
  const std::size_t blobs_end = header_end - length;
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + blobs_end;
  const nlohmann::json header = nlohmann::json::parse(text, text + length, nullptr, false);
  if (!header.is_object() || !header.contains("blobs") || !header.contains("meta")) return corrupt("its header");
  Container container{.meta = header["meta"], .blobs = {}, .file = *std::move(mapped)};
  std::size_t offset = kMagic.size();
  for (const nlohmann::json& blob : header["blobs"]) {
    const auto size = blob.at("size").get<std::uint64_t>();
    if (size > blobs_end - offset) return corrupt("a blob is cut off");
    container.blobs.emplace_back(blob.at("name").get<std::string>(), bytes.subspan(offset, size));
    offset += size;
  }
  return container;
}

}  // namespace earshot::run
