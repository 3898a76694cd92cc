// Check values: transformers 5.23 on PyTorch 2.13, CPU, float32, with drawn weights (drawn_weights.h) on the sentences
// of text_encoder.h: `tools/parity/run text figures` prints them.
#include <gtest/gtest.h>

#include "text_encoder.h"

namespace earshot {
namespace {

using testing::check_sentences;
using testing::CheckValues;
using testing::ModelFolder;
using testing::small_text;
using testing::TextEncoder;

OptionValues pooling(const char* name) { return small_text({{"pooling", {std::string(name)}}}); }

TEST(T5, the_mean_over_its_tokens_is_that_of_transformers) {
  TextEncoder encoder(pooling("mean"));
  testing::expect_as_reference(encoder, {{{0.684250, -1.115923, 1.263524, -0.891360}, 0.313785, -6.28897, 9.63221},
                                         {{0.646894, -0.557940, 1.836744, -0.309079}, 0.038645, -9.92211, 10.80589},
                                         {{0.542984, -0.332897, 0.678185, -0.114849}, 1.276329, 3.31070, 8.60300},
                                         {{0.673160, -0.942274, 1.364846, -0.750621}, -0.185106, -11.34460, 9.35874}});
}

TEST(T5, its_first_token_is_that_of_transformers) {
  TextEncoder encoder(pooling("first"));
  testing::expect_as_reference(encoder, {{{0.008348, -1.091234, 1.456132, -0.677809}, -0.262566, 7.49785, 11.26417},
                                         {{1.188778, -0.932908, 1.925258, -0.473020}, 0.372946, -13.32616, 11.38611},
                                         {{0.696950, -2.794711, 0.891823, -0.047649}, -0.487083, -4.94894, 11.40796},
                                         {{1.186302, -1.108970, 1.428586, -1.409033}, -0.585224, -12.21148, 11.33147}});
}

TEST(T5, sentences_of_different_length_in_one_batch_are_as_each_alone) {
  for (const char* name : {"first", "mean"}) {
    TextEncoder encoder(pooling(name));
    testing::expect_no_leak(encoder, encoder.sentences(check_sentences()));
  }
}

TEST(T5, a_sentence_without_tokens_is_not_an_error) {
  TextEncoder encoder(small_text());
  EXPECT_EQ(encoder.process(encoder.sentences({{}, {0, 10, 2}})).ports[0].size(), 2U);
}

TEST(T5, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    TextEncoder encoder(small_text({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients(encoder.sentences(check_sentences()));
  };
  testing::expect_same_gradients(gradients(0), gradients(3));
}

TEST(T5, training_drops_out_by_batch) {
  TextEncoder encoder(small_text(), testing::trainable());
  const std::vector<Row> rows = encoder.sentences({{0, 10, 11, 2}});
  const auto embedding = [&](bool training, std::uint64_t batch) {
    return testing::values_of_row(encoder.process(rows, training, batch).ports[0].at(0));
  };
  EXPECT_EQ(embedding(true, 4), embedding(true, 4));
  EXPECT_NE(embedding(true, 4), embedding(true, 5));
  EXPECT_EQ(embedding(false, 4), embedding(false, 5));
}

// Words, relative positions and the last norm, and 8 a block.
TEST(T5, has_the_parameters_of_the_published_files) {
  TextEncoder encoder(small_text({{"depth", {std::int64_t{12}}}}));
  EXPECT_EQ(encoder.parameters().size(), 99U);
}

constexpr const char* kConfig = R"({"model_type": "t5", "num_layers": 2, "d_model": 128, "d_kv": 64, "d_ff": 512,
  "num_heads": 2, "vocab_size": 8192, "relative_attention_num_buckets": 32)";

// A folder of version 1.1: two layers where the first version has one.
nn::StoredTensors gated(nn::StoredTensors plain) {
  nn::StoredTensors all;
  for (auto& [name, tensor] : plain) {
    const std::size_t at = name.find(".wi.weight");
    if (at == std::string::npos)
      all[name] = tensor;
    else
      for (const char* half : {".wi_0.weight", ".wi_1.weight"}) {
        nn::StoredTensor& drawn = all[name.substr(0, at) + half] = tensor;
        testing::draw_values(name.substr(0, at) + half, 2, drawn.values);
      }
  }
  return all;
}

TEST(T5, gated_is_that_of_transformers) {
  TextEncoder plain;
  const ModelFolder folder;
  folder.write("config.json", std::string(kConfig) + R"(, "feed_forward_proj": "gated-gelu"})");
  folder.write(gated(plain.weights()));
  const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path())).value();
  const BatchOutputs outputs = TextEncoder::process_with(*stage, plain.sentences(check_sentences()));
  const std::vector<CheckValues> expected = {
      {{1.057919, 0.748622, 0.388661, -1.012451}, -0.033710, -3.62786, 9.10350},
      {{0.645828, -1.859071, -0.169332, 0.448957}, 0.893760, -5.11467, 10.62927},
      {{-0.622946, -0.887966, 0.835927, 0.151092}, 0.139841, 7.04552, 7.49332},
      {{-0.707955, 0.273169, 0.079153, 0.304162}, -0.698183, -27.71177, 9.92573}};
  for (std::size_t i = 0; i < expected.size(); ++i)
    testing::expect_near(testing::values_of_row(outputs.ports[0][i]), expected[i]);
}

// The table of words has two names, of which files have either or both; the decoder is left alone.
TEST(T5, reads_a_whole_model_under_either_name_of_its_words) {
  TextEncoder drawn;
  for (const bool both : {false, true}) {
    nn::StoredTensors whole = drawn.weights();
    whole["encoder.embed_tokens.weight"] = whole["shared.weight"];
    if (!both) whole.erase("shared.weight");
    whole["decoder.final_layer_norm.weight"] = whole["lm_head.weight"] = {{1}, {0}};
    const ModelFolder folder;
    folder.write("config.json", std::string(kConfig) + "}").write(whole);
    const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path())).value();
    const Row row = drawn.sentence({10, 11, 2});
    EXPECT_EQ(testing::values_of_row(TextEncoder::process_with(*stage, {row}).ports[0].at(0)), drawn.embedding(row));
  }
}

TEST(T5, half_precision_that_overflows_is_refused) {
  earshot::Setup setup = testing::frozen();
  setup.precision = "fp16";
  EXPECT_EQ(testing::BatchStage::make(testing::drawn(small_text()), setup).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace earshot
