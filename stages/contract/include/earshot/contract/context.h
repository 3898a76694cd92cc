// Context: where in a run a stage is being called. Made by the engine for each call; valid during that call only.
#pragma once

#include <cstdint>
#include <string_view>

#include "earshot/contract/random.h"

namespace earshot {

struct Context {
  std::uint64_t seed = 0;
  std::int64_t epoch = 0;        // from 0
  std::int64_t step = 0;         // optimiser steps done before this batch
  std::int64_t total_steps = 0;  // of this run entry; 0 where nothing trains
  bool training = false;         // random augmentation is on
  std::uint64_t item = 0;        // hash of the item id, or the batch number for batch-level stages
  std::string_view item_id;      // empty for batch-level stages
  std::string_view stage;        // the stage's name in the graph

  // The stream of draws called `draw`, keyed by (seed, epoch, item, stage, draw).
  [[nodiscard]] Random random(std::string_view draw) const noexcept {
    const std::uint64_t where = hash_name(stage, item ^ (static_cast<std::uint64_t>(epoch) * 0x9E3779B97F4A7C15ULL));
    return {seed, where, draw};
  }
};

}  // namespace earshot
