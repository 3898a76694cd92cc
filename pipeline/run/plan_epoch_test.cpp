#include "earshot/pipeline/run/plan_epoch.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace earshot::run {
namespace {

// `clips` clips of data set `name` with `captions` records each.
std::vector<RecordHeader> records(const std::string& name, int clips, int captions) {
  std::vector<RecordHeader> out;
  for (int clip = 0; clip < clips; ++clip)
    for (int caption = 0; caption < captions; ++caption) {
      const std::string key = name + std::to_string(clip);
      out.push_back({key + "-" + std::to_string(caption), key, name, key});
    }
  return out;
}

TEST(PlanEpoch, without_shuffling_it_is_the_order_of_the_view_with_a_partial_end) {
  const EpochPlan plan = plan_epoch(records("a", 5, 1), {.batch = 2}, 1, 0);
  EXPECT_EQ(plan, (EpochPlan{{0, 1}, {2, 3}, {4}}));
}

TEST(PlanEpoch, a_batch_holds_one_data_set_and_no_clip_twice) {
  std::vector<RecordHeader> all = records("a", 20, 5);
  const std::vector<RecordHeader> more = records("b", 30, 1);
  all.insert(all.end(), more.begin(), more.end());
  const EpochPlan plan = plan_epoch(all, {.batch = 8, .shuffle = true}, 1, 0);
  for (const auto& batch : plan) {
    std::set<std::string> sets;
    std::set<std::string> clips;
    for (const std::int64_t index : batch) {
      sets.insert(all[static_cast<std::size_t>(index)].dataset);
      clips.insert(all[static_cast<std::size_t>(index)].clip);
    }
    EXPECT_EQ(sets.size(), 1U);
    EXPECT_EQ(clips.size(), 8U);
  }
}

TEST(PlanEpoch, every_record_is_used_at_most_once_and_remainders_are_dropped) {
  const EpochPlan plan = plan_epoch(records("a", 50, 1), {.batch = 8, .shuffle = true}, 1, 3);
  std::set<std::int64_t> used;
  for (const auto& batch : plan) used.insert(batch.begin(), batch.end());
  EXPECT_EQ(plan.size(), 6U);
  EXPECT_EQ(used.size(), 48U);
}

TEST(PlanEpoch, it_is_a_function_of_seed_and_epoch) {
  const std::vector<RecordHeader> all = records("a", 64, 1);
  const EpochOptions options{.batch = 8, .shuffle = true};
  EXPECT_EQ(plan_epoch(all, options, 7, 2), plan_epoch(all, options, 7, 2));
  EXPECT_NE(plan_epoch(all, options, 7, 2), plan_epoch(all, options, 7, 3));
  EXPECT_NE(plan_epoch(all, options, 7, 2), plan_epoch(all, options, 8, 2));
}

TEST(PlanEpoch, a_weight_draws_a_data_set_more_or_less_often) {
  const EpochOptions options{.batch = 10, .shuffle = true, .weights = {{"a", 2.5}}};
  EXPECT_EQ(plan_epoch(records("a", 100, 1), options, 1, 0).size(), 25U);
}

}  // namespace
}  // namespace earshot::run
