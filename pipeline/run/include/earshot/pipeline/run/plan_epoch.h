// plan_epoch: which records form which batch of an epoch, decided before anything runs.
//
// A training order takes every batch from one data set, never two records of one clip in a batch, and drops each data
// set's incomplete remainder; the order of batches is shuffled over all sets (design section 5; retrieval.md B5). Any
// other order is the view's own, the last batch partial. A pure function: the same arguments give the same batches.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/stage.h"

namespace earshot::run {

struct EpochOptions {
  std::int64_t batch = 1;
  bool shuffle = false;
  std::map<std::string, double> weights;  // data set -> how often its records are drawn, relative to their number
};

// Batches of record indices.
using EpochPlan = std::vector<std::vector<std::int64_t>>;

EpochPlan plan_epoch(std::span<const RecordHeader> records, const EpochOptions& options, std::uint64_t seed,
                     std::int64_t epoch);

}  // namespace earshot::run
