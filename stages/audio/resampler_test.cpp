#include "earshot/audio/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <gtest/gtest.h>
#include <soxr.h>

#include "test_wave.h"

namespace earshot::audio {
namespace {

using testing::test_wave;
using Rates = std::pair<std::int64_t, std::int64_t>;

// Table of all phases, longer than a cycle; few phases; down by much; up by much; interpolated phases; nothing to do.
const std::vector<Rates> kPairs{{44100, 32000}, {48000, 16000}, {192000, 8000}, {8000, 192000},
                                {22050, 16000}, {44100, 32001}, {16000, 16000}};

Resampler make(Rates rates) {
  auto resampler = Resampler::create(rates.first, rates.second);
  EXPECT_TRUE(resampler.ok());
  return std::move(resampler).value();
}

std::vector<float> tone(double frequency_hz, std::int64_t rate_hz, std::int64_t frames) {
  std::vector<float> samples(static_cast<std::size_t>(frames));
  for (std::size_t n = 0; n < samples.size(); ++n)
    samples[n] = static_cast<float>(
        std::sin(2 * std::numbers::pi * frequency_hz * static_cast<double>(n) / static_cast<double>(rate_hz)));
  return samples;
}

std::vector<float> whole(const Resampler& resampler, std::span<const float> input) {
  return resampler.resample(input, 0, {0, resampler.output_frames(static_cast<std::int64_t>(input.size()))});
}

// 10 log10 of the power of `expected` over that of the difference, away from the ends.
double snr_db(std::span<const float> got, std::span<const float> expected) {
  double signal = 0;
  double noise = 0;
  for (std::size_t n = got.size() / 5; n < got.size() * 4 / 5; ++n) {
    signal += std::pow(static_cast<double>(expected[n]), 2);
    noise += std::pow(static_cast<double>(got[n]) - static_cast<double>(expected[n]), 2);
  }
  return 10 * std::log10(signal / noise);
}

double loudest_db(std::span<const float> samples) {
  float loudest = 0;
  for (std::size_t n = samples.size() / 5; n < samples.size() * 4 / 5; ++n)
    loudest = std::max(loudest, std::abs(samples[n]));
  return 20 * std::log10(static_cast<double>(loudest) + 1e-30);
}

TEST(Resampler, any_range_has_the_bits_of_the_whole) {
  for (const Rates& rates : kPairs) {
    const Resampler resampler = make(rates);
    const auto input = test_wave(rates.first, 1.1);
    const auto all = whole(resampler, input);
    const auto frames = static_cast<std::int64_t>(all.size());
    for (std::int64_t first = 0; first < frames; first += frames / 7 + 13) {
      const std::int64_t count = std::min<std::int64_t>(frames / 5 + first % 97, frames - first);
      const auto part = resampler.resample(input, 0, {first, count});
      ASSERT_TRUE(std::ranges::equal(part, std::span(all).subspan(static_cast<std::size_t>(first), part.size())))
          << rates.first << " to " << rates.second << " Hz, frames " << first << " + " << count;
    }
  }
}

TEST(Resampler, a_range_needs_no_input_but_what_it_says) {
  for (const Rates& rates : kPairs) {
    const Resampler resampler = make(rates);
    const auto input = test_wave(rates.first, 1.0);
    const FrameRange output{rates.second / 2 + 7, 1234};
    const FrameRange needed = resampler.needed(output);
    const auto part =
        std::span(input).subspan(static_cast<std::size_t>(needed.first), static_cast<std::size_t>(needed.frames));
    EXPECT_EQ(resampler.resample(part, needed.first, output), resampler.resample(input, 0, output)) << rates.second;
  }
}

TEST(Resampler, a_tone_in_the_pass_band_keeps_amplitude_and_phase) {
  for (const Rates& rates : kPairs) {
    const Resampler resampler = make(rates);
    const double frequency_hz = 0.9 * 0.5 * static_cast<double>(std::min(rates.first, rates.second));
    const auto out = whole(resampler, tone(frequency_hz, rates.first, rates.first));
    EXPECT_GT(snr_db(out, tone(frequency_hz, rates.second, static_cast<std::int64_t>(out.size()))), 105)
        << rates.first << " to " << rates.second;
  }
}

TEST(Resampler, a_tone_above_the_new_nyquist_frequency_is_gone) {
  for (const Rates& rates : {Rates{44100, 32000}, Rates{44100, 16000}, Rates{192000, 8000}, Rates{44100, 32001}}) {
    const auto out = whole(make(rates), tone(0.502 * static_cast<double>(rates.second), rates.first, rates.first));
    EXPECT_LT(loudest_db(out), -100) << rates.first << " to " << rates.second;
  }
}

// Images of a tone lie above the old Nyquist frequency: the output is the tone and nothing else.
TEST(Resampler, going_up_adds_no_images) {
  const Rates rates{16000, 44100};
  const auto out = whole(make(rates), tone(6500, rates.first, rates.first));
  EXPECT_GT(snr_db(out, tone(6500, rates.second, static_cast<std::int64_t>(out.size()))), 105);
}

TEST(Resampler, a_constant_stays_the_same_constant) {
  for (const Rates& rates : kPairs) {
    const auto out = whole(make(rates), std::vector<float>(static_cast<std::size_t>(rates.first), 0.5F));
    for (std::size_t n = out.size() / 5; n < out.size() * 4 / 5; ++n) ASSERT_NEAR(out[n], 0.5, 2e-6) << rates.second;
  }
}

// soxr 0.1.3. HQ with a ratio that it interpolates is good to some 73 dB itself, with a plain one to some 130 dB.
TEST(Resampler, agrees_with_soxr) {
  for (const auto& [rates, least_db] : {std::pair{Rates{48000, 32000}, 115.0}, std::pair{Rates{48000, 16000}, 115.0},
                                        std::pair{Rates{44100, 32000}, 70.0}}) {
    auto input = tone(440, rates.first, 2 * rates.first);
    const auto second = tone(0.4 * static_cast<double>(rates.second), rates.first, 2 * rates.first);
    for (std::size_t n = 0; n < input.size(); ++n) input[n] = 0.4F * input[n] + 0.3F * second[n];
    const auto ours = whole(make(rates), input);
    std::vector<float> theirs(ours.size());
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_io_spec_t type = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    std::size_t done = 0;
    soxr_oneshot(static_cast<double>(rates.first), static_cast<double>(rates.second), 1, input.data(), input.size(),
                 nullptr, theirs.data(), theirs.size(), &done, &type, &quality, nullptr);
    EXPECT_EQ(done, ours.size());
    EXPECT_GT(snr_db(ours, theirs), least_db) << rates.first;
  }
}

TEST(Resampler, nothing_in_gives_nothing_out_and_one_sample_its_share) {
  const Resampler resampler = make({44100, 32000});
  EXPECT_TRUE(whole(resampler, {}).empty());
  EXPECT_EQ(whole(resampler, std::vector<float>{1.0F}).size(), 1U);
  EXPECT_EQ(resampler.output_frames(441000), 320000);
  EXPECT_EQ(resampler.needed({0, 0}).frames, 0);
}

TEST(Resampler, rates_outside_the_limits_are_refused) {
  EXPECT_EQ(Resampler::create(999, 32000).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Resampler::create(32000, 768001).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(Resampler::create(1000, 768000).ok());
  EXPECT_TRUE(Resampler::create(767999, 1000).ok());
}

}  // namespace
}  // namespace earshot::audio
