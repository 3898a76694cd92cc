// The bytes of the index: keys with a letter in front, little-endian values, texts behind their length (4 bytes).
//
//   k KEY          -> entry             KEY: the content key
//   l HASH         -> content key       HASH: XXH3-128 of stage, 0, item; the record that was written last
//   d ID           -> description       ID: 8 bytes, big-endian; XXH3-64 of the description's bytes
//   n              -> the last commit
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/pipeline/cache/entry.h"

namespace earshot::cache {

struct Commit {
  std::uint64_t number = 0;  // from 1 without a gap
  std::int64_t written_s = 0;
  std::uint64_t records = 0;       // put by it
  std::uint64_t bytes = 0;         // of their values
  std::uint64_t next_ordinal = 0;  // behind it
};

// An ordinal: the tag that a store draws when it is made (24 bits), so that ordinals of two stores hardly ever meet and
// `merge` can move files; then a counter (40 bits).
inline constexpr int kCounterBits = 40;
inline std::uint32_t tag_of(std::uint64_t ordinal) { return static_cast<std::uint32_t>(ordinal >> kCounterBits); }
inline std::uint64_t counter_of(std::uint64_t ordinal) { return ordinal & ((std::uint64_t{1} << kCounterBits) - 1); }

// The key of a value begins with its ordinal: big-endian, so that RocksDB's order is that of the numbers.
std::string ordinal_key(std::uint64_t ordinal);
std::uint64_t ordinal_of(std::string_view key);

inline constexpr char kEntryLetter = 'k';
inline constexpr char kLatestLetter = 'l';
inline constexpr char kDescriptionLetter = 'd';
inline constexpr const char* kCommitKey = "n";

std::string entry_key(const ContentKey& key);
std::string latest_key(std::string_view stage, std::string_view item);
std::string description_key(DescriptionId id);

std::string to_bytes(const Entry& entry);
std::string to_bytes(const Description& description);
std::string to_bytes(const Commit& commit);
DescriptionId id_of(const Description& description);

// Back, from key and bytes; nothing where the bytes are not such a thing.
std::optional<Entry> entry_of(std::string_view key, std::string_view bytes);
std::optional<Description> description_of(std::string_view bytes);
std::optional<Commit> commit_of(std::string_view bytes);
// Precondition: `key` is a key of a description.
DescriptionId description_id_of(std::string_view key);

}  // namespace earshot::cache
