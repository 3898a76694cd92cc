#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/log_mel.h"
#include "earshot/audio/waveform.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using audio::FrontEnd;
using testing::StageUnderTest;

testing::Facts facts_of(const FrontEnd& front_end, std::int64_t sample_rate_hz) {
  return {{"mel", {{"sample_rate", std::to_string(sample_rate_hz)}, {"front_end", front_end.to_text()}}}};
}

Waveform tone(std::int64_t frames, std::int64_t sample_rate_hz) {
  std::vector<float> samples(static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < samples.size(); ++n) samples[n] = 0.3F * std::sin(0.2F * static_cast<float>(n));
  return Waveform(std::move(samples), sample_rate_hz);
}

TEST(LogMelStage, computes_what_the_encoder_states) {
  for (const auto& [front_end, rate_hz] : {std::pair{FrontEnd::passt(), 32000}, std::pair{FrontEnd::beats(), 16000},
                                           std::pair{FrontEnd::vast(), 16000}, std::pair{FrontEnd::cavmae(), 16000}}) {
    const StageUnderTest logmel({}, facts_of(front_end, rate_hz));
    const Waveform waveform = tone(rate_hz, rate_hz);
    const Mel mel = logmel.process<Mel>(waveform).value();
    EXPECT_EQ(mel.front_end(), front_end.to_text());
    EXPECT_EQ(mel.sample_rate_hz(), rate_hz);
    const Mel expected = audio::LogMel::create(front_end, rate_hz)->compute(waveform.samples()).value();
    EXPECT_TRUE(std::ranges::equal(mel.values(), expected.values()));
  }
}

TEST(LogMelStage, every_clip_gets_the_length_that_is_asked_for) {
  const StageUnderTest logmel({{"length_s", {10.0}}}, facts_of(FrontEnd::passt(), 32000));
  for (const std::int64_t frames : {0, 1, 32000, 320000, 500000})
    EXPECT_EQ(logmel.process<Mel>(tone(frames, 32000))->frames(), 1000) << frames;
}

TEST(LogMelStage, what_is_padded_is_silence) {
  const StageUnderTest logmel({{"length_s", {2.0}}}, facts_of(FrontEnd::passt(), 32000));
  const Mel mel = logmel.process<Mel>(tone(32000, 32000)).value();
  EXPECT_NEAR(mel.band(5)[150], (std::log(1e-5) + 4.5) / 5, 1e-5);
  EXPECT_GT(mel.band(5)[50], mel.band(5)[150]);
}

TEST(LogMelStage, a_clip_too_short_is_the_error_of_that_item_and_says_what_to_do) {
  const StageUnderTest logmel({}, facts_of(FrontEnd::beats(), 16000));
  const auto mel = logmel.process<Mel>(tone(399, 16000));
  ASSERT_FALSE(mel.ok());
  EXPECT_NE(mel.error().message.find("length_s"), std::string::npos);
  EXPECT_EQ(logmel.process<Mel>(tone(400, 16000))->frames(), 1);
}

TEST(LogMelStage, neighbours_of_a_range_are_not_part_of_the_spectrogram) {
  const StageUnderTest logmel({}, facts_of(FrontEnd::beats(), 16000));
  const Waveform cut(std::vector<float>(1000, 0.1F), 16000,
                     {.range = {0, 25}, .source_frames = 1000, .lead = 0, .tail = 600});
  EXPECT_EQ(logmel.process<Mel>(cut)->frames(), 1);
}

TEST(LogMelStage, a_front_end_that_makes_no_sense_is_refused_at_the_start) {
  EXPECT_EQ(StageUnderTest::make({}, {{"mel", {{"sample_rate", "16000"}, {"front_end", "mels=x"}}}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(StageUnderTest::make({}, facts_of(FrontEnd::passt(), 16000)).ok());
}

TEST(LogMelStage, is_never_larger_than_its_footprint_says) {
  const StageUnderTest logmel({}, facts_of(FrontEnd::passt(), 32000));
  for (const std::int64_t frames : {514, 31999, 32000, 123456}) {
    const Waveform waveform = tone(frames, 32000);
    EXPECT_LE(logmel.process<Mel>(waveform)->bytes(), logmel.stage().footprint(waveform.footprint()).bytes);
  }
}

}  // namespace
}  // namespace earshot
