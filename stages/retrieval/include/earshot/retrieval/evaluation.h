// Evaluation of two sets of embeddings against each other: every query's ranking of the gallery, and the figures of the
// field with 95 % bootstrap intervals over clips and what guessing reaches. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/retrieval/bootstrap.h"
#include "earshot/retrieval/ranking.h"
#include "earshot/retrieval/unit_rows.h"

namespace earshot::retrieval {

struct RankedQuery {
  std::size_t query = 0;          // row of the queries
  RelevantRanks relevant;         // no ranks where the gallery has nothing related to the query
  std::vector<std::size_t> best;  // gallery rows, best first
};

struct Figure {
  std::string name;  // "map@10", "recall@1", "accuracy"; a share, 0..1
  Interval interval;
  double chance = 0;
};

// Each query's ranking by cosine; `depth`: how many of the best to keep.
// Errors: kInvalidArgument when a side is empty or the dimensions differ.
Result<std::vector<RankedQuery>> rank_all(const UnitRows& queries, const UnitRows& gallery, std::size_t depth);

// map@`map_at`, then recall@1, @5 and @10, means over the queries that have relevant items. Resampled by `related` of
// the query: captions of one recording stay together.
// Errors: kInvalidArgument when no query has a relevant item.
Result<std::vector<Figure>> retrieval_figures(std::span<const RankedQuery> ranked, const UnitRows& queries,
                                              std::size_t gallery_size, std::size_t map_at,
                                              const BootstrapSettings& bootstrap);

// Share of queries (clips) whose nearest item (sentence) is of their own class. Resampled by query.
// Errors: as above.
Result<Figure> accuracy_figure(std::span<const RankedQuery> ranked, std::size_t gallery_size,
                               const BootstrapSettings& bootstrap);

}  // namespace earshot::retrieval
