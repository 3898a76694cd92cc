#include "earshot/retrieval/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace earshot::retrieval {
namespace {

// Whether item a comes before item b.
struct Better {
  std::span<const float> scores;
  bool operator()(std::size_t a, std::size_t b) const {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  }
};

}  // namespace

Result<RelevantRanks> rank_relevant(std::span<const float> scores, std::span<const std::size_t> relevant) {
  if (relevant.empty())
    return Error{ErrorCode::kInvalidArgument, "ranking: a query without a relevant item, expected at least one"};
  std::vector<bool> is_relevant(scores.size(), false);
  for (const std::size_t item : relevant) {
    if (item >= scores.size())
      return Error{ErrorCode::kInvalidArgument, "ranking: relevant item " + std::to_string(item) + " of a gallery of " +
                                                    std::to_string(scores.size()) + " items"};
    is_relevant[item] = true;
  }
  for (std::size_t item = 0; item < scores.size(); ++item)
    if (!std::isfinite(scores[item]))
      return Error{ErrorCode::kNonFinite, "ranking: the score of item " + std::to_string(item) + " is not finite"};

  RelevantRanks result;
  const Better better{scores};
  for (const std::size_t item : relevant) {
    std::size_t before = 0;
    for (std::size_t other = 0; other < scores.size(); ++other) {
      if (better(other, item)) ++before;
      if (scores[other] == scores[item] && !is_relevant[other]) result.tied = true;
    }
    result.ranks.push_back(before + 1);
  }
  std::sort(result.ranks.begin(), result.ranks.end());
  const std::size_t first = *std::min_element(relevant.begin(), relevant.end(), better);
  const auto above = std::count_if(scores.begin(), scores.end(), [&](float score) { return score > scores[first]; });
  const auto equal = std::count(scores.begin(), scores.end(), scores[first]) - 1;
  result.expected_rank = 1.0 + static_cast<double>(above) + 0.5 * static_cast<double>(equal);
  return result;
}

std::vector<std::size_t> best_items(std::span<const float> scores, std::size_t count) {
  std::vector<std::size_t> items(scores.size());
  std::iota(items.begin(), items.end(), std::size_t{0});
  const auto end = items.begin() + static_cast<std::ptrdiff_t>(std::min(count, items.size()));
  std::partial_sort(items.begin(), end, items.end(), Better{scores});
  items.erase(end, items.end());
  return items;
}

double recall_at(std::span<const std::size_t> ranks, std::size_t k) {
  const auto hits = std::count_if(ranks.begin(), ranks.end(), [&](std::size_t rank) { return rank <= k; });
  return static_cast<double>(hits) / static_cast<double>(ranks.size());
}

double average_precision_at(std::span<const std::size_t> ranks, std::size_t k) {
  double sum = 0;
  for (std::size_t m = 0; m < ranks.size() && ranks[m] <= k; ++m)
    sum += static_cast<double>(m + 1) / static_cast<double>(ranks[m]);
  return sum / static_cast<double>(ranks.size());
}

double chance_recall_at(std::size_t gallery, std::size_t k) {
  return static_cast<double>(std::min(k, gallery)) / static_cast<double>(gallery);
}

// E[AP@k] = (1/R) sum_{r <= k} P(item at r is relevant) E[hits up to r | it is] / r
//         = (1/G) sum_{r <= k} (1 + (r - 1)(R - 1) / (G - 1)) / r.
double chance_average_precision_at(std::size_t gallery, std::size_t relevant, std::size_t k) {
  const double others = gallery > 1 ? static_cast<double>(gallery - 1) : 1.0;
  double sum = 0;
  for (std::size_t rank = 1; rank <= std::min(k, gallery); ++rank)
    sum +=
        (1.0 + static_cast<double>(rank - 1) * static_cast<double>(relevant - 1) / others) / static_cast<double>(rank);
  return sum / static_cast<double>(gallery);
}

}  // namespace earshot::retrieval
