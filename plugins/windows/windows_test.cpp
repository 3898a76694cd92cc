#include <gtest/gtest.h>

#include "counting_content.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::counting_recording;
using testing::StageUnderTest;

// Ranges of the windows of a recording of `length_ms` at 8 kHz.
std::vector<TimeRange> windows_of(const StageUnderTest& windows, const Recording& recording) {
  std::vector<TimeRange> ranges;
  const auto children = windows.expand(recording).value();
  for (std::size_t i = 0; i < children.size(); ++i) {
    EXPECT_EQ(children[i].suffix, "w" + std::to_string(i));
    ranges.push_back(dynamic_cast<const Recording&>(*children[i].outputs[0]).range());
  }
  return ranges;
}

Recording seconds(double length_s, TimeRange range = {}) {
  return counting_recording(static_cast<std::int64_t>(length_s * 8000), 8000, range);
}

TEST(Windows, cover_a_recording_once_the_last_one_shorter) {
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(25)),
            (std::vector<TimeRange>{{0, 10000}, {10000, 10000}, {20000, 5000}}));
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(20)), (std::vector<TimeRange>{{0, 10000}, {10000, 10000}}));
}

TEST(Windows, a_last_window_that_is_too_short_is_left_out) {
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(20.5)).size(), 2U);
  EXPECT_EQ(windows_of(StageUnderTest({{"shortest_s", {0.25}}}), seconds(20.5)).size(), 3U);
}

TEST(Windows, a_recording_that_is_not_longer_than_a_window_is_one_window_unchanged) {
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(10)), (std::vector<TimeRange>{{}}));
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(0.25)), (std::vector<TimeRange>{{}}));
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(0)), (std::vector<TimeRange>{{}}));
}

TEST(Windows, overlap_by_what_the_hop_leaves_and_stop_at_the_end) {
  const StageUnderTest windows({{"length_s", {10.0}}, {"hop_s", {2.5}}});
  EXPECT_EQ(windows_of(windows, seconds(15)), (std::vector<TimeRange>{{0, 10000}, {2500, 10000}, {5000, 10000}}));
  EXPECT_EQ(windows_of(windows, seconds(16)).back(), (TimeRange{7500, 8500}));
}

TEST(Windows, of_many_windows_those_kept_are_spread_evenly) {
  const StageUnderTest three({{"at_most", {std::int64_t{3}}}});
  EXPECT_EQ(windows_of(three, seconds(90)), (std::vector<TimeRange>{{0, 10000}, {40000, 10000}, {80000, 10000}}));
  const StageUnderTest one({{"at_most", {std::int64_t{1}}}});
  EXPECT_EQ(windows_of(one, seconds(90)), (std::vector<TimeRange>{{40000, 10000}}));
}

TEST(Windows, of_a_range_stay_inside_it) {
  EXPECT_EQ(windows_of(StageUnderTest(), seconds(60, {30000, 15000})),
            (std::vector<TimeRange>{{30000, 10000}, {40000, 5000}}));
}

TEST(Windows, a_header_that_claims_years_is_an_error_and_no_memory) {
  const StageUnderTest windows({{"length_s", {0.01}}, {"hop_s", {0.01}}});
  const auto children = windows.expand(counting_recording(std::int64_t{1} << 40, 8000));
  ASSERT_FALSE(children.ok());
  EXPECT_EQ(children.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace earshot
