// Ranking metrics of one query against a gallery, and what guessing reaches. Items are ordered by (score descending,
// gallery order ascending), so equal scores never help. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::retrieval {

struct RelevantRanks {
  std::vector<std::size_t> ranks;  // [relevant] ranks from 1, ascending
  bool tied = false;               // an irrelevant item has the score of a relevant one
  double expected_rank = 0;  // of the best relevant item, were equal scores in random order: 1 + above + equal / 2
};

// Where the relevant items of a query are. `scores`: [gallery]; `relevant`: gallery indices, each once.
// Errors: kInvalidArgument when none is relevant or an index is outside; kNonFinite for a NaN or infinite score.
Result<RelevantRanks> rank_relevant(std::span<const float> scores, std::span<const std::size_t> relevant);

// Gallery indices of the best min(count, gallery) items, best first.
std::vector<std::size_t> best_items(std::span<const float> scores, std::size_t count);

// Share of the relevant items among the first k: hits / R. With one relevant item, whether it is among them.
double recall_at(std::span<const std::size_t> ranks, std::size_t k);

// AP@k = (1 / R) sum over m with r_m <= k of m / r_m, divided by all R relevant items as the organisers of DCASE 2025
// task 6 do. `ranks`: [R] ascending, from 1.
double average_precision_at(std::span<const std::size_t> ranks, std::size_t k);

// Expected recall@k and AP@k of a random order of `gallery` items of which `relevant` (at least 1) are relevant.
double chance_recall_at(std::size_t gallery, std::size_t k);
double chance_average_precision_at(std::size_t gallery, std::size_t relevant, std::size_t k);

}  // namespace earshot::retrieval
