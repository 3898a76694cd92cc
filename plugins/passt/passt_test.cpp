// Check values: hear21passt run in PyTorch 1.13, CPU, float32, with drawn weights (drawn_weights.h) on the test wave.
#include <gtest/gtest.h>

#include "audio_encoder.h"
#include "earshot/nn/layers.h"

namespace earshot {
namespace {

using testing::AudioEncoder;
using testing::small;

AudioEncoder passt(OptionValues options = small(), const Setup& setup = testing::frozen()) {
  return {audio::FrontEnd::passt(), 32000, std::move(options), setup};
}

OptionValues with(const std::string& name, OptionValue value) { return small({{name, std::move(value)}}); }

// head: a norm and a Linear of 527 classes, which the encoder itself leaves out.
std::vector<float> logits(std::span<const float> features) {
  nn::Weights weights(testing::frozen());
  const nn::Norm norm(weights, "head.0", 768, 1e-5);
  const nn::Linear classes(weights, "head.1", 768, 527);
  testing::draw_weights(weights.parameters());
  const PlainEmbedding plain({features.begin(), features.end()});
  const Row row{"", {}, std::make_shared<const PlainEmbedding>(plain)};
  return nn::store(classes(norm(nn::stack_embeddings({&row, 1})))).values;
}

TEST(Passt, of_stride_16_agrees_with_hear21passt) {
  AudioEncoder encoder = passt({});
  const std::vector<float> features = encoder.embedding(encoder.clip(10));
  testing::expect_near(features, {{-0.154646, 0.651780, -0.969634, 0.063083}, 0.230128, 2.26572, 27.10764});
  testing::expect_near(logits(features), {{-0.257530, 0.486527, 0.168291, 0.750788}, -0.095163, 7.71831, 18.15079});
  testing::expect_near(encoder.embedding(encoder.clip(10, 500)),
                       {{-0.157706, 0.638063, -1.006619, 0.025375}, 0.222167, 2.27272, 27.10594});
}

TEST(Passt, of_stride_10_agrees_with_hear21passt) {
  AudioEncoder encoder = passt({{"variant", {std::string("s10")}}});
  const std::vector<float> features = encoder.embedding(encoder.clip(10));
  testing::expect_near(features, {{-0.105517, -0.304368, -0.712997, -0.074431}, 0.299433, 2.33892, 27.17760});
  testing::expect_near(logits(features), {{-0.473314, -0.057874, -0.526560, 0.286727}, -0.466054, -1.65802, 18.27924});
  testing::expect_near(encoder.embedding(encoder.clip(10, 500)),
                       {{-0.118395, -0.336222, -0.722305, -0.066182}, 0.301432, 2.33665, 27.18303});
}

// Names and shapes as in the published files: 159 tensors, of which the heads' six are left out.
TEST(Passt, has_the_parameters_of_the_published_files) {
  AudioEncoder encoder = passt(with("depth", {std::int64_t{12}}));
  EXPECT_EQ(encoder.parameters().size(), 153U);
  EXPECT_EQ(encoder.parameters()[4].name, "time_new_pos_embed");
  EXPECT_EQ(encoder.parameters()[4].tensor.sizes(), at::IntArrayRef({1, 64, 1, 62}));
}

TEST(Passt, clips_of_different_length_in_one_batch_are_as_each_alone) {
  AudioEncoder encoder = passt();
  testing::expect_no_leak(encoder, {encoder.clip(3), encoder.clip(1), encoder.clip(10), encoder.clip(3)});
}

TEST(Passt, of_a_clip_longer_than_the_table_the_segments_are_averaged) {
  AudioEncoder encoder = passt();
  const Row clip = encoder.clip(12);
  const auto& whole = static_cast<const Mel&>(*clip.payload);
  const auto part = [&](std::size_t first, std::size_t count) {
    std::vector<float> values;
    for (std::int64_t band = 0; band < 128; ++band)
      for (const float value : whole.band(band).subspan(first, count)) values.push_back(value);
    return encoder.embedding(
        {"part", {}, std::make_shared<const Mel>(values, 128, 32000, std::make_shared<const std::string>())});
  };
  std::vector<float> mean = part(0, 1000);
  const std::vector<float> rest = part(1000, 200);
  for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = (mean[i] + rest[i]) / 2;
  EXPECT_LT(testing::largest_difference(encoder.embedding(clip), mean), 1e-6);
}

TEST(Passt, tables_of_20_and_30_seconds_take_such_clips_in_one_piece) {
  for (const auto& [variant, length_s] : {std::pair{"s10-20s", 20.0}, std::pair{"s10-30s", 30.0}}) {
    AudioEncoder encoder = passt(with("variant", {std::string(variant)}));
    const std::vector<float> whole = encoder.embedding(encoder.clip(length_s));
    EXPECT_GT(testing::largest_difference(whole, encoder.embedding(encoder.clip(length_s - 1))), 1e-6) << variant;
  }
}

TEST(Passt, patchout_leaves_patches_out_in_training_only_and_others_in_each_batch) {
  for (const char* option : {"patchout_time", "patchout_frequency", "patchout"}) {
    AudioEncoder encoder = passt(with(option, {std::int64_t{5}}), testing::trainable());
    AudioEncoder plain = passt(small(), testing::trainable());
    const auto first = [&](AudioEncoder& of, bool training, std::uint64_t batch) {
      return testing::values_of_row(of.process({of.clip(10)}, training, batch).ports[0].at(0));
    };
    EXPECT_EQ(first(encoder, false, 0), first(plain, false, 0)) << option;
    EXPECT_NE(first(encoder, true, 0), first(plain, true, 0)) << option;
    EXPECT_NE(first(encoder, true, 0), first(encoder, true, 1)) << option;
  }
}

TEST(Passt, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    AudioEncoder encoder =
        passt(small({{"chunk", {chunk}}, {"patchout_time", {std::int64_t{2}}}, {"patchout", {std::int64_t{3}}}}),
              testing::trainable());
    return encoder.gradients({encoder.clip(1), encoder.clip(2, 100), encoder.clip(3, 100), encoder.clip(1, 60)});
  };
  testing::expect_same_gradients(gradients(0), gradients(2));
}

TEST(Passt, every_way_of_pooling_gives_another_embedding) {
  std::vector<std::vector<float>> embeddings;
  for (const char* pooling : {"class_tokens", "first", "mean"}) {
    AudioEncoder encoder = passt(with("pooling", {std::string(pooling)}));
    embeddings.push_back(encoder.embedding(encoder.clip(1)));
  }
  EXPECT_NE(embeddings[0], embeddings[1]);
  EXPECT_NE(embeddings[1], embeddings[2]);
}

TEST(Passt, bf16_is_close_to_fp32) {
  earshot::Setup setup = testing::frozen();
  setup.precision = "bf16";
  AudioEncoder exact = passt();
  AudioEncoder rounded = passt(small(), setup);
  const double difference =
      testing::largest_difference(exact.embedding(exact.clip(1)), rounded.embedding(rounded.clip(1)));
  EXPECT_GT(difference, 1e-6);
  EXPECT_LT(difference, 0.05);
}

TEST(Passt, a_clip_shorter_than_a_patch_fails_alone) {
  AudioEncoder encoder = passt();
  const BatchOutputs outputs = encoder.process({encoder.clip(1, 15), encoder.clip(1)});
  ASSERT_EQ(outputs.failed_rows.size(), 1U);
  EXPECT_EQ(outputs.ports[0].size(), 1U);
}

TEST(Passt, a_width_that_is_no_multiple_of_a_head_is_refused) {
  EXPECT_EQ(testing::BatchStage::make({{"width", {std::int64_t{100}}}}, testing::frozen()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
