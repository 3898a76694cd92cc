// What is done to whole stores: verified, thinned out, merged. While one of these runs, its store has no Writer and
// nobody reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/entry.h"
#include "earshot/pipeline/cache/store.h"

namespace earshot::cache {

struct Lost {
  std::string what;            // a sentence that names it
  std::optional<Entry> entry;  // of a record; nothing where it is a whole store's
};

struct Verification {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<Lost> lost;
};

// Reads every value and every entry. What is damaged or gone is no error here, but listed; open the store `tolerant` to
// have it listed where whole tables are.
Verification verify(const Store& store);

// Drops records from the store that is written, and gives back the room of their values: tables that hold nothing else
// go, others are written anew without them. Keys that are not there are passed over. Killed at any moment, a record is
// either there or dropped, and the next erasure gives the room back.
// Errors: kInvalidArgument where nothing is written, kCorruptInput where a value that must be kept is damaged, kIo.
Status erase(Store& store, std::span<const ContentKey> keys);

// What the files of a folder of stores take; 0 where there is none.
std::int64_t bytes_on_disk(const std::filesystem::path& folder);

struct Merged {
  std::uint64_t records = 0;  // that came over
  std::uint64_t bytes = 0;
  std::uint64_t twice = 0;       // were in both, with equal values
  std::vector<Entry> differing;  // were in both with different values; those of `into` stay
};

// Moves what is in the store of one folder (not its shards) into the store that is written, and removes it there.
// Tables are linked, not copied, where both are on one file system. Killed at any moment, all records are in one or
// both. Errors: those of Store::open; kInvalidArgument where it is the same store or nothing is written.
Result<Merged> merge(Store& into, const std::filesystem::path& from);

}  // namespace earshot::cache
