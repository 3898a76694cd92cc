// Check values: the network of TXH-mercury/VAST run in PyTorch 1.13, CPU, float32, with drawn weights (drawn_weights.h)
// on the test wave.
#include <gtest/gtest.h>

#include "audio_encoder.h"

namespace earshot {
namespace {

using testing::AudioEncoder;
using testing::small;

AudioEncoder vast(OptionValues options = small(), const Setup& setup = testing::frozen()) {
  return {audio::FrontEnd::vast(), 16000, std::move(options), setup};
}

AudioEncoder of_slices(std::int64_t slices) { return vast(small({{"slices", {slices}}})); }

// The embedding of `values` [mel, frame] alone.
std::vector<float> embedding_of(AudioEncoder& encoder, std::vector<float> values) {
  return encoder.embedding(
      {"slice", {}, std::make_shared<const Mel>(std::move(values), 64, 16000, std::make_shared<const std::string>())});
}

// Frames [first, first + 1024) of the clip, zero where it has none.
std::vector<float> slice(const Row& clip, std::int64_t first) {
  const auto& mel = static_cast<const Mel&>(*clip.payload);
  std::vector<float> values;
  for (std::int64_t band = 0; band < 64; ++band)
    for (std::int64_t frame = first; frame < first + 1024; ++frame)
      values.push_back(frame < mel.frames() ? mel.band(band)[static_cast<std::size_t>(frame)] : 0);
  return values;
}

std::vector<float> mean_of(const std::vector<std::vector<float>>& all) {
  std::vector<float> mean(all.front().size());
  for (const std::vector<float>& one : all)
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / static_cast<float>(all.size());
  return mean;
}

TEST(Vast, agrees_with_the_reference) {
  AudioEncoder encoder = vast({});
  testing::expect_near(encoder.embedding(encoder.clip(10)),
                       {{0.347626, 0.168634, 0.141076, 0.351922}, -0.663066, -1.85207, 25.54426});
}

TEST(Vast, a_clip_of_30_seconds_is_the_mean_of_three_slices) {
  AudioEncoder encoder = of_slices(3);
  const Row clip = encoder.clip(30);
  AudioEncoder one = of_slices(1);
  const std::vector<float> expected = mean_of(
      {embedding_of(one, slice(clip, 0)), embedding_of(one, slice(clip, 1024)), embedding_of(one, slice(clip, 2048))});
  EXPECT_LT(testing::largest_difference(encoder.embedding(clip), expected), 1e-5);
  AudioEncoder automatic = vast();
  EXPECT_LT(testing::largest_difference(automatic.embedding(clip), expected), 1e-5);
}

// 1,498 frames make two slices; the third is all zeros, and averaged all the same, as the reference does.
TEST(Vast, slices_beyond_the_clip_are_silence_and_count) {
  AudioEncoder encoder = of_slices(3);
  const Row clip = encoder.clip(15);
  AudioEncoder one = of_slices(1);
  EXPECT_LT(testing::largest_difference(encoder.embedding(clip), mean_of({embedding_of(one, slice(clip, 0)),
                                                                          embedding_of(one, slice(clip, 1024)),
                                                                          embedding_of(one, slice(clip, 2048))})),
            1e-5);
}

// Of three slices one is wanted: number (3 + 1) / 2 - 1 = 1.
TEST(Vast, of_more_slices_than_wanted_the_middle_one_is_taken) {
  AudioEncoder encoder = of_slices(1);
  const Row clip = encoder.clip(30);
  EXPECT_LT(testing::largest_difference(encoder.embedding(clip), embedding_of(encoder, slice(clip, 1024))), 1e-5);
}

TEST(Vast, clips_of_different_length_in_one_batch_are_as_each_alone) {
  AudioEncoder encoder = vast();
  testing::expect_no_leak(encoder, {encoder.clip(3), encoder.clip(1), encoder.clip(12), encoder.clip(3)});
}

TEST(Vast, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    AudioEncoder encoder = vast(small({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients({encoder.clip(1), encoder.clip(2, 98), encoder.clip(3, 98)});
  };
  testing::expect_same_gradients(gradients(0), gradients(1));
}

}  // namespace
}  // namespace earshot
