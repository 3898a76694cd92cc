#include "earshot/retrieval/bootstrap.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace earshot::retrieval {
namespace {

// 400 queries of a clip each, one in four a hit.
struct Queries {
  std::vector<double> values;
  std::vector<std::size_t> clips;
};

Queries quarter_of_400(int captions_per_clip) {
  Queries queries;
  for (std::size_t clip = 0; clip < 400; ++clip)
    for (int caption = 0; caption < captions_per_clip; ++caption) {
      queries.values.push_back(clip % 4 == 0 ? 1 : 0);
      queries.clips.push_back(clip);
    }
  return queries;
}

Interval interval(const Queries& queries, std::uint64_t seed = 1) {
  return bootstrap_mean(queries.values, queries.clips, {.resamples = 2000, .seed = seed}).value();
}

// Normal approximation: 1.96 sqrt(0.25 * 0.75 / 400) = 0.0424.
TEST(Bootstrap, half_width_is_that_of_a_proportion) {
  const Interval result = interval(quarter_of_400(1));
  EXPECT_DOUBLE_EQ(result.mean, 0.25);
  EXPECT_NEAR(result.low, 0.25 - 0.0424, 0.005);
  EXPECT_NEAR(result.high, 0.25 + 0.0424, 0.005);
}

TEST(Bootstrap, captions_of_one_clip_do_not_narrow_the_interval) {
  const Interval once = interval(quarter_of_400(1));
  const Interval five_times = interval(quarter_of_400(5));
  EXPECT_DOUBLE_EQ(five_times.low, once.low);
  EXPECT_DOUBLE_EQ(five_times.high, once.high);
}

TEST(Bootstrap, clips_with_more_captions_weigh_more) {
  const std::vector<double> values = {1, 1, 1, 0};
  EXPECT_DOUBLE_EQ(bootstrap_mean(values, std::vector<std::size_t>{0, 0, 0, 1}, {}).value().mean, 0.75);
}

TEST(Bootstrap, the_same_seed_gives_the_same_bits_and_another_seed_others) {
  Queries queries = quarter_of_400(1);
  for (std::size_t clip = 0; clip < 400; ++clip) queries.values[clip] = std::sin(static_cast<double>(clip));
  EXPECT_EQ(interval(queries, 1).low, interval(queries, 1).low);
  EXPECT_NE(interval(queries, 1).low, interval(queries, 7).low);
}

TEST(Bootstrap, one_clip_has_no_spread) {
  const Interval result = bootstrap_mean(std::vector<double>{0.2, 0.4}, std::vector<std::size_t>{0, 0}, {}).value();
  EXPECT_DOUBLE_EQ(result.low, result.mean);
  EXPECT_DOUBLE_EQ(result.high, result.mean);
}

TEST(Bootstrap, what_has_no_mean_is_refused) {
  const std::vector<double> one = {1};
  EXPECT_FALSE(bootstrap_mean({}, {}, {}));
  EXPECT_FALSE(bootstrap_mean(one, {}, {}));
  EXPECT_FALSE(bootstrap_mean(one, std::vector<std::size_t>{1}, {}));
  EXPECT_FALSE(bootstrap_mean(one, std::vector<std::size_t>{0}, {.resamples = 0}));
}

}  // namespace
}  // namespace earshot::retrieval
