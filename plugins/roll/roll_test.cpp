#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "earshot/audio/waveform.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::StageUnderTest;

Waveform counting(std::int64_t frames) {
  std::vector<float> samples(static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < samples.size(); ++n) samples[n] = static_cast<float>(n);
  return Waveform(std::move(samples), 1000);
}

// The old place of the sample that is now the first; checks that the others follow in a circle.
std::int64_t shift_of(const StageUnderTest& roll, std::int64_t frames, std::uint64_t item) {
  const auto out = roll.process<Waveform>(counting(frames), StageUnderTest::context(true, item)).value();
  const auto shift = static_cast<std::int64_t>(out.samples()[0]);
  for (std::int64_t n = 0; n < frames; ++n)
    EXPECT_EQ(out.samples()[static_cast<std::size_t>(n)], static_cast<float>((n + shift) % frames));
  return shift;
}

TEST(Roll, any_sample_may_become_the_first_and_the_others_follow) {
  std::set<std::int64_t> shifts;
  for (std::uint64_t item = 0; item < 300; ++item) shifts.insert(shift_of(StageUnderTest(), 20, item));
  EXPECT_EQ(shifts.size(), 20U);
}

TEST(Roll, goes_no_farther_than_it_may_either_way) {
  const StageUnderTest roll({{"most_s", {0.002}}});
  std::set<std::int64_t> shifts;
  for (std::uint64_t item = 0; item < 100; ++item) shifts.insert(shift_of(roll, 20, item));
  EXPECT_EQ(shifts, (std::set<std::int64_t>{0, 1, 2, 18, 19}));
}

TEST(Roll, changes_nothing_where_nothing_trains) {
  const auto out = StageUnderTest().process<Waveform>(counting(50), StageUnderTest::context(false)).value();
  EXPECT_TRUE(std::ranges::equal(out.samples(), counting(50).samples()));
}

TEST(Roll, an_empty_clip_stays_empty_and_one_sample_stays) {
  EXPECT_EQ(StageUnderTest().process<Waveform>(counting(0), StageUnderTest::context(true))->frames(), 0);
  EXPECT_EQ(shift_of(StageUnderTest({{"most_s", {5.0}}}), 1, 1), 0);
}

TEST(Roll, what_was_outside_the_range_does_not_come_in) {
  const Waveform cut({9, 1, 2, 9}, 1000, {.range = {1, 2}, .source_frames = 4, .lead = 1, .tail = 1});
  const auto out = StageUnderTest().process<Waveform>(cut, StageUnderTest::context(true)).value();
  EXPECT_EQ(out.with_neighbours().size(), 2U);
  EXPECT_EQ(std::ranges::count(out.samples(), 9.0F), 0);
}

}  // namespace
}  // namespace earshot
