// Check values: microsoft/unilm's BEATs run in PyTorch 1.13, CPU, float32, with drawn weights (drawn_weights.h) on the
// test wave.
#include "earshot/nn/beats.h"

#include <set>

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include "audio_encoder.h"

namespace earshot {
namespace {

using testing::AudioEncoder;
using testing::small;

AudioEncoder beats(OptionValues options = small(), const Setup& setup = testing::frozen()) {
  return {audio::FrontEnd::beats(), 16000, std::move(options), setup};
}

TEST(Beats, agrees_with_unilm) {
  AudioEncoder encoder = beats({});
  testing::expect_near(encoder.embedding(encoder.clip(10)),
                       {{0.657693, 0.811542, 0.381968, 0.236409}, -0.701500, -1.71344, 21.98732});
}

// Samples from 100,000 on masked: by the reference's rule 183 tokens from token 313 on.
TEST(Beats, tokens_and_masked_tokens_agree_with_unilm) {
  nn::Weights weights(testing::frozen());
  const nn::Beats network(weights, {});
  testing::draw_weights(weights.parameters());
  AudioEncoder front_end = beats();
  const Row clip = front_end.clip(10);
  const auto& mel = static_cast<const Mel&>(*clip.payload);
  const at::Tensor input = at::arange(128 * 998, at::kFloat).view({1, 128, 998});
  std::ranges::copy(mel.values(), nn::values_of(input).begin());
  const nn::Draws draws({}, false);
  const std::vector<float> token = nn::store(network(input, draws)[0][0]).values;
  testing::expect_near(token, {{1.318929, -0.455952, -0.008851, 1.377789}, -2.163277, 0.20724, 27.73976});

  const at::Tensor hidden = at::arange(496).ge(313).unsqueeze(0);
  const at::Tensor masked = network(input, draws, hidden);
  const std::vector<float> first = nn::store(masked[0][0]).values;
  testing::expect_near(first, {{1.320399, -0.487410, -0.009047, 1.367803}, first.back(), 0.12364, 27.74013});
  testing::expect_near(nn::store(nn::mean_over_tokens(masked, hidden.logical_not())[0]).values,
                       {{0.676645, 0.772553, 0.409322, 0.233260}, -0.677594, -1.73531, 21.96206});
}

// 250 tensors in the published files, eleven of which repeat block 0's table of position biases.
TEST(Beats, has_the_parameters_of_the_published_files) {
  AudioEncoder encoder = beats(small({{"depth", {std::int64_t{12}}}}));
  EXPECT_EQ(encoder.parameters().size(), 239U);
}

TEST(Beats, clips_of_different_length_in_one_batch_are_as_each_alone) {
  AudioEncoder encoder = beats();
  testing::expect_no_leak(encoder, {encoder.clip(3), encoder.clip(1), encoder.clip(10), encoder.clip(3)});
}

TEST(Beats, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    AudioEncoder encoder =
        beats(small({{"chunk", {chunk}}, {"dropout", {0.1}}, {"attention_dropout", {0.1}}, {"layer_drop", {0.3}}}),
              testing::trainable());
    return encoder.gradients({encoder.clip(1), encoder.clip(2, 98), encoder.clip(3, 98), encoder.clip(1, 60)});
  };
  testing::expect_same_gradients(gradients(0), gradients(2));
}

TEST(Beats, a_block_is_left_out_of_some_training_batches) {
  AudioEncoder encoder = beats(small({{"layer_drop", {0.5}}}), testing::trainable());
  const Row clip = encoder.clip(1);
  std::set<std::vector<float>> different;
  for (std::uint64_t batch = 0; batch < 12; ++batch)
    different.insert(testing::values_of_row(encoder.process({clip}, true, batch).ports[0].at(0)));
  EXPECT_EQ(different.size(), 4U);  // both blocks, either, none
}

TEST(Beats, clips_too_long_or_too_short_fail_alone_and_say_what_to_do) {
  AudioEncoder encoder = beats();
  const BatchOutputs outputs = encoder.process({encoder.clip(1, 15), encoder.clip(1), encoder.clip(62)});
  ASSERT_EQ(outputs.failed_rows.size(), 2U);
  EXPECT_NE(outputs.failed_rows[1].second.message.find("`windows`"), std::string::npos);
  EXPECT_EQ(outputs.ports[0].size(), 1U);
}

}  // namespace
}  // namespace earshot
