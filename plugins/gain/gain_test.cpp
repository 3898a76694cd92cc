#include <algorithm>

#include <gtest/gtest.h>

#include "earshot/audio/waveform.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::StageUnderTest;

TEST(Gain, six_decibels_double_the_samples) {
  const StageUnderTest gain({{"level_db", {6.0206}}});
  const auto out = gain.process<Waveform>(Waveform({0.25F, -0.5F, 0}, 16000)).value();
  EXPECT_NEAR(out.samples()[0], 0.5, 1e-5);
  EXPECT_NEAR(out.samples()[1], -1, 1e-5);
  EXPECT_EQ(out.samples()[2], 0);
  EXPECT_EQ(out.sample_rate_hz(), 16000);
}

TEST(Gain, nothing_added_changes_nothing) {
  const Waveform waveform({0.1F, -0.7F}, 8000);
  EXPECT_TRUE(std::ranges::equal(StageUnderTest().process<Waveform>(waveform)->samples(), waveform.samples()));
  EXPECT_EQ(StageUnderTest().process<Waveform>(Waveform({}, 8000))->frames(), 0);
}

TEST(Gain, the_neighbours_of_a_range_get_louder_too) {
  const Waveform cut({0.1F, 0.2F, 0.3F}, 1000, {.range = {1, 1}, .source_frames = 3, .lead = 1, .tail = 1});
  const auto out = StageUnderTest({{"level_db", {20.0}}}).process<Waveform>(cut).value();
  EXPECT_NEAR(out.with_neighbours()[0], 1, 1e-6);
  EXPECT_NEAR(out.samples()[0], 2, 1e-6);
  EXPECT_NEAR(out.with_neighbours()[2], 3, 1e-6);
}

}  // namespace
}  // namespace earshot
