#include "earshot/nn/schedule.h"

#include <gtest/gtest.h>

namespace earshot::nn {
namespace {

const CosineSchedule kSchedule{.peak = 1.0, .floor = 0.2, .warm_up_steps = 4, .total_steps = 12};

// By hand: 0.2 + 0.8 (s + 1) / 4; then 0.2 + 0.8 (1 + cos(pi (s - 4) / 8)) / 2.
TEST(Schedule, the_rate_rises_in_a_line_and_falls_on_a_cosine) {
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 0), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 3), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 4), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 8), 0.6);
  EXPECT_NEAR(learning_rate(kSchedule, 6), 0.2 + 0.4 * (1 + 0.70710678118654752), 1e-15);
}

TEST(Schedule, from_the_last_step_on_the_rate_is_the_floor) {
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 12), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(kSchedule, 1000), 0.2);
}

TEST(Schedule, without_warm_up_it_starts_at_the_peak) {
  EXPECT_DOUBLE_EQ(learning_rate({.peak = 3, .warm_up_steps = 0, .total_steps = 5}, 0), 3);
}

TEST(Schedule, a_run_that_is_all_warm_up_only_rises) {
  EXPECT_DOUBLE_EQ(learning_rate({.peak = 1, .warm_up_steps = 5, .total_steps = 5}, 4), 1);
}

}  // namespace
}  // namespace earshot::nn
