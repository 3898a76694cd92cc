#include "records.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <xxhash.h>

namespace earshot::cache {
namespace {

static_assert(std::endian::native == std::endian::little, "stores are little-endian");

constexpr std::string_view kDigits = "0123456789abcdef";

std::string big_endian(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void append_number(std::string& bytes, std::uint64_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& bytes, std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes.append(text);
}

// Takes values off the front; whatever does not fit leaves `ok` false and gives nothing.
struct Taker {
  std::string_view left;
  bool ok = true;

  std::string_view take(std::size_t count) {
    ok = ok && count <= left.size();
    if (!ok) return {};
    const std::string_view taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (const std::string_view bytes = take(sizeof value); ok) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() {
    std::uint32_t length = 0;
    if (const std::string_view bytes = take(sizeof length); ok) std::memcpy(&length, bytes.data(), sizeof length);
    return std::string(take(length));
  }
  [[nodiscard]] bool done() const { return ok && left.empty(); }
};

std::optional<std::uint8_t> nibble_of(char digit) {
  const std::size_t place = kDigits.find(digit);
  if (place == std::string_view::npos) return {};
  return static_cast<std::uint8_t>(place);
}

}  // namespace

std::string to_hex(const ContentKey& key) {
  std::string text;
  for (const std::uint8_t byte : key.bytes) text.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return text;
}

std::optional<ContentKey> content_key_of(std::string_view hex) {
  ContentKey key;
  if (hex.size() != 2 * key.bytes.size()) return {};
  for (std::size_t i = 0; i < key.bytes.size(); ++i) {
    const std::optional<std::uint8_t> high = nibble_of(hex[2 * i]);
    const std::optional<std::uint8_t> low = nibble_of(hex[2 * i + 1]);
    if (!high || !low) return {};
    key.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return key;
}

std::string ordinal_key(std::uint64_t ordinal) { return big_endian(ordinal); }
std::uint64_t ordinal_of(std::string_view key) { return from_big_endian(key.substr(0, 8)); }

std::string entry_key(const ContentKey& key) { return kEntryLetter + std::string(key.bytes.begin(), key.bytes.end()); }

std::string latest_key(std::string_view stage, std::string_view item) {
  std::string text(stage);
  text += '\0';
  text += item;
  XXH128_canonical_t hash;
  XXH128_canonicalFromHash(&hash, XXH3_128bits(text.data(), text.size()));
  return kLatestLetter + std::string(reinterpret_cast<const char*>(hash.digest), sizeof hash.digest);
}

std::string description_key(DescriptionId id) { return kDescriptionLetter + big_endian(id); }
DescriptionId description_id_of(std::string_view key) { return from_big_endian(key.substr(1)); }

std::string to_bytes(const Entry& entry) {
  std::string bytes;
  for (const std::uint64_t number : {entry.ordinal, entry.offset, entry.bytes, entry.xxh3,
                                     static_cast<std::uint64_t>(entry.written_s), entry.description})
    append_number(bytes, number);
  for (const std::string& text : {entry.item, entry.content, entry.machine}) append_text(bytes, text);
  return bytes;
}

std::string to_bytes(const Description& description) {
  std::string bytes;
  append_text(bytes, description.stage);
  for (const auto& [name, value] : description.parts) {
    append_text(bytes, name);
    append_text(bytes, value);
  }
  return bytes;
}

std::string to_bytes(const Commit& commit) {
  std::string bytes;
  for (const std::uint64_t number :
       {commit.number, static_cast<std::uint64_t>(commit.written_s), commit.records, commit.bytes, commit.next_ordinal})
    append_number(bytes, number);
  return bytes;
}

DescriptionId id_of(const Description& description) {
  const std::string bytes = to_bytes(description);
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::optional<Entry> entry_of(std::string_view key, std::string_view bytes) {
  Entry entry;
  if (key.size() != 1 + entry.key.bytes.size() || key[0] != kEntryLetter) return {};
  std::copy(key.begin() + 1, key.end(), entry.key.bytes.begin());
  Taker taker{bytes};
  entry.ordinal = taker.number();
  entry.offset = taker.number();
  entry.bytes = taker.number();
  entry.xxh3 = taker.number();
  entry.written_s = static_cast<std::int64_t>(taker.number());
  entry.description = taker.number();
  entry.item = taker.text();
  entry.content = taker.text();
  entry.machine = taker.text();
  if (!taker.done()) return {};
  return entry;
}

std::optional<Description> description_of(std::string_view bytes) {
  Description description;
  Taker taker{bytes};
  description.stage = taker.text();
  while (taker.ok && !taker.left.empty()) {
    std::string name = taker.text();
    std::string value = taker.text();
    description.parts.emplace_back(std::move(name), std::move(value));
  }
  if (!taker.done()) return {};
  return description;
}

std::optional<Commit> commit_of(std::string_view bytes) {
  Commit commit;
  Taker taker{bytes};
  commit.number = taker.number();
  commit.written_s = static_cast<std::int64_t>(taker.number());
  commit.records = taker.number();
  commit.bytes = taker.number();
  commit.next_ordinal = taker.number();
  if (!taker.done()) return {};
  return commit;
}

}  // namespace earshot::cache
