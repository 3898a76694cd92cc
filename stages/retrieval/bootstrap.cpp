#include "earshot/retrieval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "earshot/contract/random.h"

namespace earshot::retrieval {
namespace {

struct ClipSum {
  double sum = 0;
  double count = 0;
};

// Linear interpolation between order statistics (Hyndman and Fan 1996, type 7). Precondition: sorted, not empty.
double quantile(const std::vector<double>& sorted, double probability) {
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

Result<std::vector<ClipSum>> sum_by_clip(std::span<const double> values, std::span<const std::size_t> clips) {
  std::vector<ClipSum> sums;
  for (std::size_t query = 0; query < values.size(); ++query) {
    if (clips[query] >= values.size())
      return Error{ErrorCode::kInvalidArgument, "bootstrap: clip number " + std::to_string(clips[query]) + " among " +
                                                    std::to_string(values.size()) + " queries, expected dense numbers"};
    if (clips[query] >= sums.size()) sums.resize(clips[query] + 1);
    sums[clips[query]].sum += values[query];
    sums[clips[query]].count += 1;
  }
  for (std::size_t clip = 0; clip < sums.size(); ++clip)
    if (sums[clip].count == 0)
      return Error{ErrorCode::kInvalidArgument,
                   "bootstrap: no query of clip number " + std::to_string(clip) + ", expected dense numbers"};
  return sums;
}

double mean_of(const ClipSum& total) { return total.sum / total.count; }

}  // namespace

Result<Interval> bootstrap_mean(std::span<const double> values, std::span<const std::size_t> clips,
                                const BootstrapSettings& settings) {
  if (values.empty() || values.size() != clips.size() || settings.resamples < 1)
    return Error{ErrorCode::kInvalidArgument, "bootstrap: " + std::to_string(values.size()) + " values, " +
                                                  std::to_string(clips.size()) + " clip numbers and " +
                                                  std::to_string(settings.resamples) +
                                                  " resamples, expected one clip a value and at least one of each"};
  Result<std::vector<ClipSum>> sums = sum_by_clip(values, clips);
  if (!sums) return std::move(sums).error();

  const auto clip_count = static_cast<std::int64_t>(sums->size());
  std::vector<double> means;
  for (std::int64_t resample = 0; resample < settings.resamples; ++resample) {
    Random random(settings.seed, static_cast<std::uint64_t>(resample), "bootstrap");
    ClipSum drawn;
    for (std::int64_t draw = 0; draw < clip_count; ++draw) {
      const ClipSum& clip = (*sums)[static_cast<std::size_t>(random.below(clip_count))];
      drawn.sum += clip.sum;
      drawn.count += clip.count;
    }
    means.push_back(mean_of(drawn));
  }
  std::sort(means.begin(), means.end());

  ClipSum total;
  for (const ClipSum& clip : *sums) {
    total.sum += clip.sum;
    total.count += clip.count;
  }
  return Interval{mean_of(total), quantile(means, 0.025), quantile(means, 0.975)};
}

}  // namespace earshot::retrieval
