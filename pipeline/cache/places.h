// Places: where values lie that were looked up before. RocksDB's index walks through much memory for a key, all of
// which the values read in between have driven out of the processor's caches; this is one step (tools/bench/cache).
// Safe from any thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_set>
#include <vector>

#include "earshot/pipeline/cache/entry.h"

namespace earshot::cache {

class Places {
 public:
  // Fills in those that are known. Returns which are not, as indices of `keys`.
  [[nodiscard]] std::vector<std::size_t> find(std::span<const ContentKey> keys,
                                              std::span<std::optional<Place>> places) const;
  // Those that are there are known from now on.
  void note(std::span<const std::optional<Place>> places);
  void forget();

 private:
  struct ByKey {
    std::size_t operator()(const Place& place) const {
      std::size_t hash = 0;  // a content key is a hash already
      std::memcpy(&hash, place.key.bytes.data(), sizeof hash);
      return hash;
    }
    bool operator()(const Place& one, const Place& other) const { return one.key == other.key; }
  };

  mutable std::shared_mutex mutex_;
  std::unordered_set<Place, ByKey, ByKey> known_;
};

}  // namespace earshot::cache
