#include "earshot/pipeline/run/plan_epoch.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <unordered_set>

namespace earshot::run {
namespace {

// Fisher-Yates.
template <class T>
void shuffle(std::vector<T>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
}

EpochPlan in_order(std::size_t count, std::size_t batch) {
  EpochPlan plan;
  for (std::size_t first = 0; first < count; first += batch) {
    std::vector<std::int64_t> rows(std::min(batch, count - first));
    std::iota(rows.begin(), rows.end(), static_cast<std::int64_t>(first));
    plan.push_back(std::move(rows));
  }
  return plan;
}

// Repeats whole passes of `records` and a random part of one, so that about weight x size remain.
std::vector<std::int64_t> weighted(const std::vector<std::int64_t>& records, double weight, Random& random) {
  std::vector<std::int64_t> drawn;
  auto wanted = static_cast<std::size_t>(std::llround(weight * static_cast<double>(records.size())));
  while (wanted > 0) {
    std::vector<std::int64_t> pass = records;
    shuffle(pass, random);
    pass.resize(std::min(wanted, pass.size()));
    wanted -= pass.size();
    drawn.insert(drawn.end(), pass.begin(), pass.end());
  }
  return drawn;
}

// Cuts a shuffled list into full batches without two records of one clip; a record that does not fit waits for the
// next batch. What cannot form a full batch is dropped.
EpochPlan cut(const std::vector<std::int64_t>& order, std::span<const RecordHeader> records, std::size_t batch) {
  EpochPlan plan;
  std::deque<std::int64_t> waiting;
  auto next = order.begin();
  for (;;) {
    std::vector<std::int64_t> rows;
    std::unordered_set<std::string> clips;
    const auto take = [&](std::int64_t index) {
      if (!clips.insert(records[static_cast<std::size_t>(index)].clip).second) return false;
      rows.push_back(index);
      return true;
    };
    std::deque<std::int64_t> refused;
    for (; !waiting.empty() && rows.size() < batch; waiting.pop_front())
      if (!take(waiting.front())) refused.push_back(waiting.front());
    waiting.insert(waiting.begin(), refused.begin(), refused.end());
    for (; next != order.end() && rows.size() < batch; ++next)
      if (!take(*next)) waiting.push_back(*next);
    if (rows.size() < batch) return plan;
    plan.push_back(std::move(rows));
  }
}

}  // namespace

EpochPlan plan_epoch(std::span<const RecordHeader> records, const EpochOptions& options, std::uint64_t seed,
                     std::int64_t epoch) {
  const auto batch = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch));
  if (!options.shuffle) return in_order(records.size(), batch);
  std::map<std::string, std::vector<std::int64_t>> sets;
  for (std::size_t i = 0; i < records.size(); ++i) sets[records[i].dataset].push_back(static_cast<std::int64_t>(i));
  EpochPlan plan;
  for (auto& [name, members] : sets) {
    Random random(seed, static_cast<std::uint64_t>(epoch), "epoch " + name);
    const auto weight = options.weights.find(name);
    std::vector<std::int64_t> order = members;
    if (weight != options.weights.end())
      order = weighted(members, weight->second, random);
    else
      shuffle(order, random);
    EpochPlan batches = cut(order, records, batch);
    plan.insert(plan.end(), std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end()));
  }
  Random random(seed, static_cast<std::uint64_t>(epoch), "batches");
  shuffle(plan, random);
  return plan;
}

}  // namespace earshot::run
