#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "earshot/audio/mel.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::StageUnderTest;

constexpr std::int64_t kMels = 40;
constexpr std::int64_t kFrames = 100;

Mel ones(std::int64_t frames = kFrames) {
  return Mel(std::vector<float>(static_cast<std::size_t>(kMels * frames), 1.0F), kMels, 16000,
             std::make_shared<const std::string>("mels=40"));
}

OptionValues only(const char* masks, const char* width, std::int64_t count, std::int64_t widest) {
  OptionValues options{{"band_masks", {std::int64_t{0}}}, {"time_masks", {std::int64_t{0}}}};
  options[masks] = {count};
  options[width] = {widest};
  return options;
}

std::int64_t hidden_bands(const Mel& mel) {
  std::int64_t count = 0;
  for (std::int64_t band = 0; band < mel.mels(); ++band) {
    const auto zeros = std::ranges::count(mel.band(band), 0.0F);
    EXPECT_TRUE(zeros == 0 || zeros == mel.frames());
    count += zeros != 0 ? 1 : 0;
  }
  return count;
}

TEST(SpecAugment, hides_whole_bands_up_to_the_width) {
  const StageUnderTest stage(only("band_masks", "band_width", 1, 8));
  std::int64_t widest = 0;
  for (std::uint64_t item = 0; item < 100; ++item)
    widest = std::max(widest, hidden_bands(stage.process<Mel>(ones(), StageUnderTest::context(true, item)).value()));
  EXPECT_EQ(widest, 8);
}

TEST(SpecAugment, hides_the_same_frames_of_every_band) {
  const StageUnderTest stage(only("time_masks", "time_width", 2, 30));
  const Mel mel = stage.process<Mel>(ones(), StageUnderTest::context(true, 3)).value();
  const auto zeros = std::ranges::count(mel.band(0), 0.0F);
  EXPECT_GT(zeros, 0);
  EXPECT_LE(zeros, 60);
  for (std::int64_t band = 1; band < kMels; ++band) EXPECT_TRUE(std::ranges::equal(mel.band(band), mel.band(0)));
}

TEST(SpecAugment, fills_with_the_value_that_is_asked_for) {
  OptionValues options = only("band_masks", "band_width", 16, 40);
  options["fill"] = {0.9};
  const Mel mel = StageUnderTest(options).process<Mel>(ones(), StageUnderTest::context(true)).value();
  EXPECT_GT(std::ranges::count(mel.values(), 0.9F), 0);
}

TEST(SpecAugment, changes_nothing_where_nothing_trains) {
  const Mel mel = StageUnderTest().process<Mel>(ones(), StageUnderTest::context(false)).value();
  EXPECT_EQ(std::ranges::count(mel.values(), 1.0F), kMels * kFrames);
}

TEST(SpecAugment, draws_the_same_for_an_item_and_another_for_the_next) {
  const StageUnderTest stage;
  const auto masked = [&stage](std::uint64_t item) {
    const Mel mel = stage.process<Mel>(ones(), StageUnderTest::context(true, item)).value();
    return std::vector<float>(mel.values().begin(), mel.values().end());
  };
  EXPECT_EQ(masked(5), masked(5));
  EXPECT_NE(masked(5), masked(6));
}

TEST(SpecAugment, masks_wider_than_the_clip_are_cut_to_it) {
  const StageUnderTest stage(only("time_masks", "time_width", 1, 1000));
  for (std::uint64_t item = 0; item < 20; ++item) {
    EXPECT_EQ(stage.process<Mel>(ones(1), StageUnderTest::context(true, item))->frames(), 1);
    EXPECT_EQ(stage.process<Mel>(ones(0), StageUnderTest::context(true, item))->frames(), 0);
  }
}

}  // namespace
}  // namespace earshot
