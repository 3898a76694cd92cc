// Check values: reference modules run in PyTorch 1.13, CPU, float32 (torchaudio.compliance.kaldi.fbank for BEATs, VAST
// and CAV-MAE, hear21passt's AugmentMelSTFT for PaSST) on the test wave. Tolerance 5e-4 in the raw log, 2e-3 for the
// second Kaldi band of 128, which hangs on one tiny weight.
#include "earshot/audio/log_mel.h"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "earshot/audio/mel_bank.h"
#include "test_wave.h"

namespace earshot::audio {
namespace {

using testing::test_wave;

Mel compute(const FrontEnd& front_end, std::int64_t sample_rate_hz, std::span<const float> samples) {
  const auto log_mel = LogMel::create(front_end, sample_rate_hz);
  EXPECT_TRUE(log_mel.ok());
  auto mel = log_mel->compute(samples);
  EXPECT_TRUE(mel.ok());
  return std::move(mel).value();
}

// Without mean and std: the raw log.
FrontEnd raw(FrontEnd front_end) {
  front_end.mean = 0;
  front_end.std = 1;
  return front_end;
}

float at(const Mel& mel, std::int64_t frame, std::int64_t band) {
  return mel.band(band)[static_cast<std::size_t>(frame)];
}

double mean_of(const Mel& mel) {
  return std::accumulate(mel.values().begin(), mel.values().end(), 0.0) / static_cast<double>(mel.values().size());
}

void expect_first_frame(const Mel& mel, const std::array<double, 6>& expected) {
  for (std::size_t band = 0; band < expected.size(); ++band)
    EXPECT_NEAR(at(mel, 0, static_cast<std::int64_t>(band)), expected[band], band == 1 ? 2e-3 : 5e-4) << band;
}

TEST(TestWave, is_the_one_that_the_check_values_come_from) {
  EXPECT_NEAR(testing::u(3, 7), 0.0929827539, 1e-9);
  EXPECT_NEAR(testing::u(2, 1000), 0.4050057526, 1e-9);
  EXPECT_NEAR(test_wave(32000, 1)[3], 0.27833369, 1e-7);
  EXPECT_NEAR(test_wave(16000, 1)[3], 0.39947245, 1e-7);
}

TEST(LogMel, beats_agrees_with_torchaudio) {
  const Mel mel = compute(raw(FrontEnd::beats()), 16000, test_wave(16000, 1));
  ASSERT_EQ(mel.frames(), 98);
  expect_first_frame(mel, {10.57183, 6.61027, 10.05367, -15.94238, 12.76270, 9.78397});
  EXPECT_NEAR(at(mel, 50, 10), 11.99361, 5e-4);
  EXPECT_NEAR(at(mel, 50, 40), 11.44958, 5e-4);
  EXPECT_NEAR(at(mel, 97, 127), 20.09797, 5e-4);
  EXPECT_NEAR(mean_of(mel), 17.059117, 2e-5);
}

TEST(LogMel, cavmae_agrees_with_torchaudio) {
  const Mel mel = compute(raw(FrontEnd::cavmae()), 16000, test_wave(16000, 1));
  expect_first_frame(mel, {-11.03867, -13.45586, -10.01245, -15.94238, -8.16656, -11.14529});
  EXPECT_NEAR(at(mel, 50, 10), -9.97228, 5e-4);
  EXPECT_NEAR(at(mel, 97, 127), -0.74920, 5e-4);
  EXPECT_NEAR(mean_of(mel), -3.696044, 2e-5);
}

TEST(LogMel, vast_agrees_with_torchaudio) {
  const Mel mel = compute(raw(FrontEnd::vast()), 16000, test_wave(16000, 1));
  ASSERT_EQ(mel.mels(), 64);
  expect_first_frame(mel, {10.36559, 12.09625, 12.59806, 12.32937, 12.00437, 12.32300});
  EXPECT_NEAR(at(mel, 50, 10), 23.71812, 5e-4);
  EXPECT_NEAR(at(mel, 97, 63), 21.08303, 5e-4);
  EXPECT_NEAR(mean_of(mel), 18.239888, 2e-5);
}

TEST(LogMel, beats_of_ten_seconds_agrees_after_normalising) {
  const Mel mel = compute(FrontEnd::beats(), 16000, test_wave(16000, 10));
  ASSERT_EQ(mel.frames(), 998);
  EXPECT_NEAR(at(mel, 0, 0), -0.369504, 5e-5);
  EXPECT_NEAR(at(mel, 0, 1), -0.671645, 2e-4);
  EXPECT_NEAR(at(mel, 0, 3), -2.391693, 5e-5);
  EXPECT_NEAR(at(mel, 0, 127), 0.397000, 5e-5);
  EXPECT_NEAR(mean_of(mel), 0.125080, 2e-5);
}

TEST(LogMel, passt_of_one_second_agrees_with_hear21passt) {
  const Mel mel = compute(FrontEnd::passt(), 32000, test_wave(32000, 1));
  ASSERT_EQ(mel.frames(), 100);
  const std::array first{-0.27135, 0.01995, -0.10481, -0.06715};
  for (std::size_t band = 0; band < first.size(); ++band)
    EXPECT_NEAR(at(mel, 0, static_cast<std::int64_t>(band)), first[band], 5e-5) << band;
  EXPECT_NEAR(at(mel, 50, 10), -0.65119, 5e-5);
  EXPECT_NEAR(at(mel, 50, 64), 0.12819, 5e-5);
  EXPECT_NEAR(at(mel, 99, 127), 1.12122, 5e-5);
  EXPECT_NEAR(mean_of(mel), 0.31404, 2e-5);
}

TEST(LogMel, passt_of_ten_seconds_agrees_with_hear21passt) {
  const Mel mel = compute(FrontEnd::passt(), 32000, test_wave(32000, 10));
  ASSERT_EQ(mel.frames(), 1000);
  EXPECT_NEAR(at(mel, 0, 0), -0.271347, 2e-5);
  EXPECT_NEAR(at(mel, 0, 127), 1.140077, 2e-5);
  EXPECT_NEAR(at(mel, 500, 0), -1.264608, 5e-5);
  EXPECT_NEAR(at(mel, 500, 10), -1.024916, 5e-5);
  EXPECT_NEAR(at(mel, 500, 64), 0.310288, 2e-5);
  EXPECT_NEAR(mean_of(mel), 0.310213, 1e-5);
}

// Source of the figures: the same reference modules.
TEST(MelBank, has_the_weights_of_kaldi) {
  const MelBank wide(128, 512, 16000, 20, 8000);
  EXPECT_NEAR(wide.weight(0, 1), 0.802637, 2e-5);
  EXPECT_NEAR(wide.weight(1, 2), 0.030966, 2e-5);
  EXPECT_NEAR(wide.weight(2, 2), 0.969034, 2e-5);
  EXPECT_EQ(wide.filters()[3].count, 0U);
  EXPECT_EQ(wide.filters()[127].first_bin, 246U);
  EXPECT_EQ(wide.weights().size(), 504U);
  EXPECT_NEAR(std::reduce(wide.weights().begin(), wide.weights().end(), 0.0), 252.6105, 1e-3);
  const MelBank narrow(64, 512, 16000, 20, 8000);
  EXPECT_NEAR(narrow.weight(1, 3), 0.456234, 2e-5);
  EXPECT_EQ(narrow.weights().size(), 499U);
}

TEST(MelBank, has_the_weights_of_passt) {
  const MelBank bank(128, 1024, 32000, 0, 15000);
  EXPECT_NEAR(bank.weight(0, 1), 0.188595, 2e-5);
  EXPECT_NEAR(bank.weight(2, 2), 0.452999, 2e-5);
  EXPECT_EQ(bank.filters()[127].first_bin, 457U);
  EXPECT_EQ(bank.filters()[127].count, 24U);
  EXPECT_NEAR(std::reduce(bank.weights().begin(), bank.weights().end(), 0.0), 473.49057, 1e-3);
}

TEST(LogMel, a_clip_longer_by_hops_repeats_the_frames_of_the_shorter_one) {
  const auto wave = test_wave(16000, 2);
  const Mel whole = compute(FrontEnd::beats(), 16000, wave);
  const Mel part = compute(FrontEnd::beats(), 16000, std::span(wave).first(400 + 36 * 160));
  ASSERT_EQ(part.frames(), 37);
  for (std::int64_t band = 0; band < 128; ++band)
    for (std::int64_t frame = 0; frame < 37; ++frame) ASSERT_EQ(at(part, frame, band), at(whole, frame, band));
}

TEST(LogMel, a_clip_too_short_for_one_frame_is_an_error_that_says_how_long_it_must_be) {
  const auto beats = LogMel::create(FrontEnd::beats(), 16000);
  const auto none = beats->compute(std::vector<float>(399));
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(none.error().message.find("400"), std::string::npos);
  EXPECT_EQ(beats->compute(std::vector<float>(400))->frames(), 1);
  const auto passt = LogMel::create(FrontEnd::passt(), 32000);
  EXPECT_FALSE(passt->compute({}).ok());
  EXPECT_FALSE(passt->compute(std::vector<float>(513)).ok());
  EXPECT_EQ(passt->compute(std::vector<float>(514))->frames(), 2);
}

TEST(LogMel, silence_gives_the_logarithm_of_epsilon_everywhere) {
  const Mel floor = compute(raw(FrontEnd::beats()), 16000, std::vector<float>(16000));
  for (const float value : floor.values()) ASSERT_FLOAT_EQ(value, -15.942385F);
  const Mel offset = compute(raw(FrontEnd::passt()), 32000, std::vector<float>(32000));
  for (const float value : offset.values()) ASSERT_NEAR(value, std::log(1e-5), 1e-5);
}

TEST(LogMel, a_sample_that_is_not_a_number_stays_visible) {
  auto wave = test_wave(16000, 1);
  wave[5000] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(compute(FrontEnd::beats(), 16000, wave).finite());
  wave[5000] = 1e30F;
  EXPECT_FALSE(compute(FrontEnd::beats(), 16000, wave).finite());
}

TEST(LogMel, bands_above_half_the_sample_rate_are_refused) {
  const auto result = LogMel::create(FrontEnd::passt(), 16000);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
}

// A pure tone in the middle of bin b of a rectangular-like frame must light the band whose triangle holds b.
TEST(LogMel, any_transform_size_finds_a_tone_in_its_band) {
  for (const std::int64_t fft : {16, 32, 64, 128, 256, 512, 1024, 2048, 4096}) {
    const FrontEnd front_end{.fft = fft, .hop = fft / 2, .mels = 8, .window = fft};
    std::vector<float> tone(static_cast<std::size_t>(fft) * 8);
    for (std::size_t n = 0; n < tone.size(); ++n) tone[n] = static_cast<float>(std::cos(static_cast<double>(n) * 2.0));
    const Mel mel = compute(front_end, 16000, tone);
    const double frequency_hz = 2.0 / (2 * std::numbers::pi) * 16000;
    const double band_width = 1127 * std::log1p(8000 / 700.0) / 9;
    const auto expected =
        static_cast<std::int64_t>(std::lround(1127 * std::log1p(frequency_hz / 700) / band_width)) - 1;
    std::int64_t loudest = 0;
    for (std::int64_t band = 1; band < 8; ++band)
      if (at(mel, 8, band) > at(mel, 8, loudest)) loudest = band;
    EXPECT_EQ(loudest, expected) << fft;
  }
}

}  // namespace
}  // namespace earshot::audio
