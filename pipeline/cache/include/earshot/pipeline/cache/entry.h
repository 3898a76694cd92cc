// What a store knows of a record: its content key, where its value is, and what the key was made of.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace earshot::cache {

// 128 bits that stand for everything a value depends on. Equal keys, equal values.
struct ContentKey {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const ContentKey&, const ContentKey&) = default;
};

// 32 hexadecimal digits, and back; nothing where the text is something else.
std::string to_hex(const ContentKey& key);
std::optional<ContentKey> content_key_of(std::string_view hex);

// The parts of a content key that all records of a stage share, as people read them: {"logmel.hop_ms", "10"}.
struct Description {
  std::string stage;  // the label under which `cache ls` lists the records
  std::vector<std::pair<std::string, std::string>> parts;

  friend bool operator==(const Description&, const Description&) = default;
};

// Names a description within every store: a hash of it.
using DescriptionId = std::uint64_t;

// Where the value of a committed record lies: all that reading it takes.
struct Place {
  ContentKey key;
  std::uint64_t ordinal = 0;  // names the value within its store
  std::uint64_t offset = 0;   // of the value in the table that holds its ordinal
  std::uint64_t bytes = 0;    // of the value
  std::uint64_t xxh3 = 0;     // of the value: XXH3-64, seed 0
  std::size_t member = 0;     // which of a folder's stores holds it
};

// A committed record.
struct Entry : Place {
  std::int64_t written_s = 0;  // Unix time of the commit
  DescriptionId description = 0;
  std::string item;
  std::string content;  // the part of the key that is this record's own: a content id, a range
  std::string machine;  // the class of machine that made a `numeric` value; empty for an `exact` one
};

// A record to be written. Borrows everything.
struct NewRecord {
  ContentKey key;
  DescriptionId description = 0;
  std::string_view item;
  std::string_view content;
  std::string_view machine;
  std::span<const std::byte> value;
};

}  // namespace earshot::cache
