// CacheUse: where a run keeps values and how. CacheFigures: what came of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "earshot/pipeline/cache/content_table.h"

namespace earshot::run {

struct CacheUse {
  std::filesystem::path path;
  std::string shard;       // "shard-3": the sub-folder that is written; empty: the folder itself
  std::int64_t quota = 0;  // bytes that the folder may take; 0 = any number
  cache::Hashing hashing = cache::Hashing::kOnce;
};

struct CacheFigures {
  std::int64_t hits = 0;          // values that were there
  std::int64_t misses = 0;        // values that had to be computed
  std::int64_t source_bytes = 0;  // of files that had to be opened
  std::int64_t bytes_read = 0;    // of values
  std::int64_t bytes_written = 0;
  std::int64_t commits = 0;
  double unpacking_s = 0;  // spent on turning values that were just kept into payloads
};

}  // namespace earshot::run
