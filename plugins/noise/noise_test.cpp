#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/log_mel.h"
#include "earshot/audio/waveform.h"
#include "stage_under_test.h"

namespace earshot {
namespace {

using testing::StageUnderTest;

Waveform tone(std::int64_t frames) {
  std::vector<float> samples(static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < samples.size(); ++n) samples[n] = 0.3F * std::sin(0.2F * static_cast<float>(n));
  return Waveform(std::move(samples), 16000);
}

OptionValues at_snr(double snr_db, const char* colour = "white") {
  return {{"lowest_snr_db", {snr_db}}, {"highest_snr_db", {snr_db}}, {"colour", {std::string(colour)}}};
}

// What was added to the tone.
std::vector<float> added(const StageUnderTest& stage, std::int64_t frames, std::uint64_t item) {
  const Waveform clean = tone(frames);
  const auto noisy = stage.process<Waveform>(clean, StageUnderTest::context(true, item)).value();
  std::vector<float> noise;
  for (std::size_t n = 0; n < noisy.samples().size(); ++n) noise.push_back(noisy.samples()[n] - clean.samples()[n]);
  return noise;
}

double power(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += static_cast<double>(sample) * static_cast<double>(sample);
  return sum / static_cast<double>(samples.size());
}

// Power of the noise in the octave 500-1000 Hz over that in 4-8 kHz, in dB.
double low_over_high_db(const std::vector<float>& noise) {
  const audio::FrontEnd powers{.fft = 512, .hop = 512, .mels = 128, .window = 512};
  const auto mel = audio::LogMel::create(powers, 16000)->compute(noise).value();
  const auto octave = [&mel](double from_hz, double to_hz) {
    const double step = 1127 * std::log1p(8000.0 / 700) / 129;
    double sum = 0;
    for (std::int64_t band = 0; band < 128; ++band) {
      const double centre_hz = 700 * std::expm1(step * static_cast<double>(band + 1) / 1127);
      if (centre_hz < from_hz || centre_hz >= to_hz) continue;
      for (const float value : mel.band(band)) sum += std::exp(static_cast<double>(value)) - 1e-5;
    }
    return sum;
  };
  return 10 * std::log10(octave(500, 1000) / octave(4000, 8000));
}

TEST(Noise, has_the_level_that_is_asked_for) {
  for (const double snr_db : {0.0, 20.0, 40.0})
    EXPECT_NEAR(10 * std::log10(power(tone(32000).samples()) / power(added(StageUnderTest(at_snr(snr_db)), 32000, 1))),
                snr_db, 0.05);
}

TEST(Noise, white_has_equal_power_in_every_hertz_and_pink_in_every_octave) {
  // White: the upper octave has eight times the hertz of the lower one, 9 dB.
  EXPECT_NEAR(low_over_high_db(added(StageUnderTest(at_snr(0)), 320000, 1)), -9.0, 0.5);
  EXPECT_NEAR(low_over_high_db(added(StageUnderTest(at_snr(0, "pink")), 320000, 1)), 0.0, 1.5);
}

TEST(Noise, draws_the_same_for_an_item_and_another_for_the_next) {
  const StageUnderTest stage;
  EXPECT_EQ(added(stage, 100, 5), added(stage, 100, 5));
  EXPECT_NE(added(stage, 100, 5), added(stage, 100, 6));
}

TEST(Noise, changes_nothing_where_nothing_trains_or_the_lot_says_no) {
  const Waveform clean = tone(100);
  const auto evaluation = StageUnderTest().process<Waveform>(clean, StageUnderTest::context(false)).value();
  EXPECT_TRUE(std::ranges::equal(evaluation.samples(), clean.samples()));
  const StageUnderTest never({{"probability", {0.0}}});
  EXPECT_EQ(power(added(never, 100, 1)), 0);
}

TEST(Noise, silence_stays_silent_and_nothing_stays_nothing) {
  const Waveform silence(std::vector<float>(100, 0.0F), 16000);
  const auto out = StageUnderTest().process<Waveform>(silence, StageUnderTest::context(true)).value();
  EXPECT_EQ(std::ranges::count(out.samples(), 0.0F), 100);
  EXPECT_EQ(StageUnderTest().process<Waveform>(tone(0), StageUnderTest::context(true))->frames(), 0);
}

TEST(Noise, limits_that_are_the_wrong_way_round_are_refused) {
  EXPECT_EQ(StageUnderTest::make({{"lowest_snr_db", {30.0}}, {"highest_snr_db", {20.0}}}).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
