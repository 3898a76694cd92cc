// Mean of a figure over queries with its 95 % interval by the bootstrap over clips: captions of one clip are
// correlated, so whole clips are drawn with replacement, not captions. Percentile method (Efron and Tibshirani 1993,
// chapter 13) with linear interpolation between order statistics. Deterministic; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "earshot/contract/result.h"

namespace earshot::retrieval {

struct Interval {
  double mean = 0;
  double low = 0;   // 2.5 % quantile of the resampled means
  double high = 0;  // 97.5 % quantile
};

struct BootstrapSettings {
  std::int64_t resamples = 1000;  // at least 1
  std::uint64_t seed = 0;         // same seed, same draws, whatever the figure: intervals of two figures are paired
};

// `values`: [query]; `clips`: [query] number of the query's clip, from 0 and dense.
// Errors: kInvalidArgument when there are no values, sizes disagree, numbers have gaps or resamples < 1.
Result<Interval> bootstrap_mean(std::span<const double> values, std::span<const std::size_t> clips,
                                const BootstrapSettings& settings);

}  // namespace earshot::retrieval
