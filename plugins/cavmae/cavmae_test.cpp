// Check values: YuanGongND/cav-mae run in PyTorch 1.13, CPU, float32, with drawn weights (drawn_weights.h) on the test
// wave.
#include <numeric>

#include <gtest/gtest.h>

#include "audio_encoder.h"
#include "earshot/nn/safetensors.h"

namespace earshot {
namespace {

using testing::AudioEncoder;
using testing::small;

AudioEncoder cavmae(OptionValues options = small(), const Setup& setup = testing::frozen()) {
  return {audio::FrontEnd::cavmae(), 16000, std::move(options), setup};
}

TEST(CavMae, agrees_with_the_reference) {
  AudioEncoder encoder = cavmae({});
  testing::expect_near(encoder.embedding(encoder.clip(10)),
                       {{-0.525092, -0.612239, -1.493318, 0.121306}, -1.080652, 2.21514, 25.59485});
}

TEST(CavMae, the_first_token_agrees_with_the_reference) {
  AudioEncoder encoder = cavmae({{"pooling", {std::string("first")}}});
  testing::expect_near(encoder.embedding(encoder.clip(10)),
                       {{-0.826220, -0.863601, -1.581746, 0.086713}, -1.412235, 1.76906, 27.79310});
}

// Source of the figures: the table that the reference makes.
TEST(CavMae, has_the_table_of_positions_of_the_reference) {
  testing::BatchStage stage(testing::drawn({{"depth", {std::int64_t{1}}}}), testing::frozen());
  const auto saved = stage.stage().state()->saved(State::Scope::kWeights).value();
  const std::vector<float> table = nn::read_safetensors(saved)->at("pos_embed_a").values;
  ASSERT_EQ(table.size(), 512U * 768);
  const auto at = [&](std::size_t token, std::size_t dim) { return table[token * 768 + dim]; };
  EXPECT_NEAR(at(1, 0), 0.841471, 1e-6);
  EXPECT_NEAR(at(1, 1), 0.815251, 1e-6);
  EXPECT_NEAR(at(1, 192), 0.540302, 1e-6);
  EXPECT_NEAR(at(64, 385), 0.815251, 1e-6);
  EXPECT_NEAR(at(64, 576), 0.540302, 1e-6);
  EXPECT_NEAR(std::accumulate(table.begin(), table.end(), 0.0), 171206.734, 0.01);
}

TEST(CavMae, clips_of_different_length_in_one_batch_are_as_each_alone) {
  AudioEncoder encoder = cavmae();
  testing::expect_no_leak(encoder, {encoder.clip(3), encoder.clip(1), encoder.clip(12), encoder.clip(3)});
}

TEST(CavMae, what_lies_behind_1024_frames_is_cut_off) {
  AudioEncoder encoder = cavmae();
  EXPECT_EQ(encoder.embedding(encoder.clip(12)), encoder.embedding(encoder.clip(12, 1024)));
  EXPECT_NE(encoder.embedding(encoder.clip(12)), encoder.embedding(encoder.clip(12, 1000)));
}

TEST(CavMae, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    AudioEncoder encoder = cavmae(small({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients({encoder.clip(1), encoder.clip(2, 98), encoder.clip(3, 98)});
  };
  testing::expect_same_gradients(gradients(0), gradients(1));
}

}  // namespace
}  // namespace earshot
