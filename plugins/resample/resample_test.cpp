#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "earshot/audio/waveform.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::StageUnderTest;

const OptionValues kTo32k{{"sample_rate_hz", {std::int64_t{32000}}}};

std::vector<float> tone(std::int64_t frames, std::int64_t rate_hz) {
  std::vector<float> samples(static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < samples.size(); ++n)
    samples[n] = std::sin(2765.0F * static_cast<float>(n) / static_cast<float>(rate_hz));
  return samples;
}

// The range as decode gives it: with up to `neighbours` samples on either side.
Waveform cut(const std::vector<float>& source, std::int64_t rate_hz, TimeRange range, std::int64_t neighbours) {
  const auto frames = static_cast<std::int64_t>(source.size());
  const FrameRange at = range.at(rate_hz, frames);
  const std::int64_t lead = std::min(neighbours, at.first);
  const std::int64_t tail = std::min(neighbours, frames - at.first - at.frames);
  const auto begin = source.begin() + (at.first - lead);
  return Waveform({begin, begin + (lead + at.frames + tail)}, rate_hz,
                  {.range = range, .source_frames = frames, .lead = lead, .tail = tail});
}

TEST(Resample, a_range_with_its_neighbours_has_the_bits_of_the_whole) {
  const StageUnderTest resample(kTo32k);
  for (const std::int64_t rate_hz : {44100, 16000, 48000, 22050, 44101}) {
    const auto source = tone(3 * rate_hz, rate_hz);
    const auto whole = resample.process<Waveform>(Waveform(source, rate_hz)).value();
    EXPECT_EQ(whole.frames(), 96000);
    for (const TimeRange range : {TimeRange{0, 500}, TimeRange{1001, 333}, TimeRange{2500, 500}, TimeRange{17, 1}}) {
      const auto part = resample.process<Waveform>(cut(source, rate_hz, range, rate_hz / 50)).value();
      EXPECT_EQ(part.first_frame(), range.start_ms * 32);
      ASSERT_EQ(part.frames(), *range.length_ms * 32);
      EXPECT_TRUE(
          std::ranges::equal(part.samples(), whole.samples().subspan(static_cast<std::size_t>(range.start_ms * 32),
                                                                     static_cast<std::size_t>(part.frames()))))
          << rate_hz << " " << range.start_ms;
    }
  }
}

TEST(Resample, the_rate_that_a_consumer_demands_comes_through_the_facts) {
  const StageUnderTest resample({}, {{"audio", {{"sample_rate", "16000"}}}});
  const auto out = resample.process<Waveform>(Waveform(tone(32000, 32000), 32000)).value();
  EXPECT_EQ(out.sample_rate_hz(), 16000);
  EXPECT_EQ(out.frames(), 16000);
  EXPECT_FALSE(StageUnderTest::make({}).ok());
}

TEST(Resample, a_waveform_that_has_the_rate_passes_through_unchanged) {
  const Waveform waveform(tone(777, 32000), 32000);
  const auto out = StageUnderTest(kTo32k).process<Waveform>(waveform).value();
  EXPECT_TRUE(std::ranges::equal(out.samples(), waveform.samples()));
}

TEST(Resample, an_odd_input_rate_is_resampled_and_an_impossible_one_refused) {
  const StageUnderTest resample(kTo32k);
  EXPECT_EQ(resample.process<Waveform>(Waveform(tone(44099, 44099), 44099))->frames(), 32000);
  EXPECT_EQ(resample.process<Waveform>(Waveform(tone(100, 10), 10)).error().code, ErrorCode::kInvalidArgument);
}

TEST(Resample, nothing_gives_nothing) {
  EXPECT_EQ(StageUnderTest(kTo32k).process<Waveform>(Waveform({}, 44100))->frames(), 0);
}

TEST(Resample, is_never_larger_than_its_footprint_says) {
  const StageUnderTest resample(kTo32k);
  for (const std::int64_t rate_hz : {8000, 32000, 44100, 192000}) {
    const Waveform waveform(tone(12345, rate_hz), rate_hz);
    EXPECT_LE(resample.process<Waveform>(waveform)->bytes(), resample.stage().footprint(waveform.footprint()).bytes);
  }
}

}  // namespace
}  // namespace earshot
