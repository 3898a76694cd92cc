#include <set>

#include <gtest/gtest.h>

#include "counting_content.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::counting_recording;
using testing::StageUnderTest;

TimeRange cropped(const StageUnderTest& crop, const Recording& recording, Context context) {
  return crop.process<Recording>(recording, context)->range();
}

TEST(Crop, a_random_range_is_a_function_of_epoch_and_item_and_stays_inside) {
  const StageUnderTest crop({{"length_s", {2.5}}});
  const Recording recording = counting_recording(80000, 8000);
  std::set<std::int64_t> starts;
  for (std::uint64_t item = 0; item < 200; ++item) {
    const TimeRange range = cropped(crop, recording, StageUnderTest::context(true, item));
    EXPECT_EQ(range, cropped(crop, recording, StageUnderTest::context(true, item)));
    EXPECT_EQ(range.length_ms, 2500);
    EXPECT_GE(range.start_ms, 0);
    EXPECT_LE(range.start_ms, 7500);
    starts.insert(range.start_ms);
  }
  EXPECT_GT(starts.size(), 150U);
  EXPECT_GT(*starts.rbegin() - *starts.begin(), 7000);
}

TEST(Crop, another_epoch_draws_another_start) {
  const StageUnderTest crop({{"length_s", {2.5}}});
  Context later = StageUnderTest::context(true, 7);
  later.epoch = 1;
  const Recording recording = counting_recording(80000, 8000);
  EXPECT_NE(cropped(crop, recording, later), cropped(crop, recording, StageUnderTest::context(true, 7)));
}

TEST(Crop, where_nothing_trains_random_is_the_centre) {
  const StageUnderTest crop({{"length_s", {2.0}}});
  EXPECT_EQ(cropped(crop, counting_recording(80000, 8000), StageUnderTest::context(false)), (TimeRange{4000, 2000}));
}

TEST(Crop, start_and_centre_mean_what_they_say_also_while_training) {
  const Recording recording = counting_recording(80000, 8000);
  const StageUnderTest start({{"length_s", {2.0}}, {"where", {std::string("start")}}});
  EXPECT_EQ(cropped(start, recording, StageUnderTest::context(true)), (TimeRange{0, 2000}));
  const StageUnderTest centre({{"length_s", {2.0}}, {"where", {std::string("centre")}}});
  EXPECT_EQ(cropped(centre, recording, StageUnderTest::context(true)), (TimeRange{4000, 2000}));
}

TEST(Crop, a_range_of_a_range_lies_inside_it) {
  const StageUnderTest crop({{"length_s", {1.0}}});
  const Recording window = counting_recording(80000, 8000, {6000, 3000});
  for (std::uint64_t item = 0; item < 50; ++item) {
    const TimeRange range = cropped(crop, window, StageUnderTest::context(true, item));
    EXPECT_GE(range.start_ms, 6000);
    EXPECT_LE(range.start_ms, 8000);
  }
}

TEST(Crop, a_clip_that_is_not_longer_stays_as_it_is) {
  const StageUnderTest crop;
  EXPECT_TRUE(cropped(crop, counting_recording(79999, 8000), StageUnderTest::context(true)).is_whole());
  EXPECT_TRUE(cropped(crop, counting_recording(80000, 8000), StageUnderTest::context(true)).is_whole());
  EXPECT_TRUE(cropped(crop, counting_recording(0, 8000), StageUnderTest::context(true)).is_whole());
}

TEST(Crop, its_footprint_is_that_of_the_range) {
  const StageUnderTest crop({{"length_s", {2.0}}});
  EXPECT_NEAR(crop.stage().footprint({.length_s = 60}).length_s, 2, 0.0011);
  EXPECT_EQ(crop.stage().footprint({.length_s = 0.5}).length_s, 0.5);
}

}  // namespace
}  // namespace earshot
