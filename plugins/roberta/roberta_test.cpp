// Check values: transformers 5.23 on PyTorch 2.13, CPU, float32, with drawn weights (drawn_weights.h) on the sentences
// of text_encoder.h: `tools/parity/run text figures` prints them.
#include <gtest/gtest.h>

#include "text_encoder.h"

namespace earshot {
namespace {

using testing::check_sentences;
using testing::ModelFolder;
using testing::small_text;
using testing::TextEncoder;

OptionValues pooling(const char* name) { return small_text({{"pooling", {std::string(name)}}}); }

TEST(Roberta, its_first_token_is_that_of_transformers) {
  TextEncoder encoder(pooling("first"));
  testing::expect_as_reference(encoder, {{{-0.613333, -0.016581, -0.253092, 1.396511}, -0.503713, -1.26592, 11.44061},
                                         {{-0.638608, 0.105804, -0.193588, 1.346522}, -0.405403, -1.25318, 11.43484},
                                         {{-0.547294, 0.029072, -0.225398, 1.449134}, -0.451334, -1.24604, 11.44424},
                                         {{-0.657576, 0.039645, -0.228105, 1.425829}, -0.489119, -1.28970, 11.43485}});
}

TEST(Roberta, the_mean_over_its_tokens_is_that_of_transformers) {
  TextEncoder encoder(pooling("mean"));
  testing::expect_as_reference(encoder, {{{-0.706167, -0.336128, -0.321529, 0.481134}, 0.048986, -0.27907, 8.49133},
                                         {{-0.312898, -0.189478, -0.771571, 0.714477}, -0.167167, -0.22676, 8.61014},
                                         {{-0.465087, -0.791240, -0.452959, 0.522901}, 0.307969, -0.27048, 7.04895},
                                         {{-0.206334, -0.782833, -0.379957, 0.098348}, 0.069022, -0.39966, 7.89149}});
}

TEST(Roberta, its_pooler_is_that_of_transformers) {
  TextEncoder encoder(pooling("pooler"));
  testing::expect_as_reference(encoder, {{{-0.169303, 0.581990, 0.417732, -0.045644}, 0.233709, 2.32977, 3.42916},
                                         {{-0.169488, 0.584253, 0.407495, -0.039244}, 0.228249, 2.09249, 3.43985},
                                         {{-0.163205, 0.593214, 0.436077, -0.040273}, 0.231311, 2.35938, 3.44538},
                                         {{-0.142267, 0.591539, 0.431795, -0.057791}, 0.235844, 2.26174, 3.43580}});
}

TEST(Roberta, sentences_of_different_length_in_one_batch_are_as_each_alone) {
  for (const char* name : {"first", "mean", "pooler"}) {
    TextEncoder encoder(pooling(name));
    testing::expect_no_leak(encoder, encoder.sentences(check_sentences()));
  }
}

TEST(Roberta, a_sentence_without_tokens_is_not_an_error) {
  TextEncoder encoder(small_text());
  EXPECT_EQ(encoder.process(encoder.sentences({{}, {0, 10, 2}})).ports[0].size(), 2U);
}

TEST(Roberta, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    TextEncoder encoder(small_text({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients(encoder.sentences(check_sentences()));
  };
  testing::expect_same_gradients(gradients(0), gradients(3));
}

TEST(Roberta, training_drops_out_by_batch) {
  TextEncoder encoder(small_text(), testing::trainable());
  const std::vector<Row> rows = encoder.sentences({{0, 10, 11, 2}});
  const auto embedding = [&](bool training, std::uint64_t batch) {
    return testing::values_of_row(encoder.process(rows, training, batch).ports[0].at(0));
  };
  EXPECT_EQ(embedding(true, 4), embedding(true, 4));
  EXPECT_NE(embedding(true, 4), embedding(true, 5));
  EXPECT_EQ(embedding(false, 4), embedding(false, 5));
}

// What was made of the drawn weights, as Hugging Face publishes it.
constexpr const char* kConfig = R"({"model_type": "roberta", "num_hidden_layers": 2, "hidden_size": 128,
  "num_attention_heads": 2, "intermediate_size": 512, "vocab_size": 8192, "max_position_embeddings": 514,
  "hidden_act": "gelu", "layer_norm_eps": 1e-5, "type_vocab_size": 1, "pad_token_id": 1})";

TEST(Roberta, reads_a_folder_as_it_is_published) {
  TextEncoder drawn(small_text());
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(drawn.weights(), "roberta.");
  const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path())).value();
  const std::vector<Row> rows = drawn.sentences(check_sentences());
  const BatchOutputs published = TextEncoder::process_with(*stage, rows);
  const BatchOutputs expected = drawn.process(rows);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(testing::values_of_row(published.ports[0][i]), testing::values_of_row(expected.ports[0][i]));
}

// 5 of the embeddings and 16 a block, and the two of the pooler.
TEST(Roberta, has_the_parameters_of_the_published_files) {
  TextEncoder encoder(small_text({{"depth", {std::int64_t{12}}}, {"pooling", {std::string("pooler")}}}));
  EXPECT_EQ(encoder.parameters().size(), 199U);
}

TEST(Roberta, of_a_folder_every_key_that_does_not_fit_is_listed) {
  TextEncoder drawn;
  nn::StoredTensors weights = drawn.weights();
  weights.erase("embeddings.LayerNorm.bias");
  weights["encoder.layer.0.output.dense.bias"].shape = {2, 64};
  weights["encoder.layer.2.output.dense.bias"] = {{1}, {0}};
  weights["lm_head.bias"] = {{1}, {0}};
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(weights, "roberta.");
  EXPECT_EQ(TextEncoder::make(folder.path()).error().message,
            "the weights do not fit this network; 1 missing: embeddings.LayerNorm.bias; 1 of another shape or type: "
            "roberta.encoder.layer.0.output.dense.bias F32 [2, 64], expected [128]; 1 left over: "
            "roberta.encoder.layer.2.output.dense.bias");
}

TEST(Roberta, a_pooler_that_the_folder_lacks_is_missed) {
  TextEncoder drawn;
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(drawn.weights());
  const std::string refusal = TextEncoder::make(folder.path(), {{"pooling", {std::string("pooler")}}}).error().message;
  EXPECT_NE(refusal.find("2 missing: pooler.dense.weight, pooler.dense.bias"), std::string::npos) << refusal;
}

TEST(Roberta, bf16_is_close_to_fp32) {
  earshot::Setup setup = testing::frozen();
  setup.precision = "bf16";
  TextEncoder exact(pooling("mean"));
  TextEncoder rounded(pooling("mean"), setup);
  const Row row = exact.sentence({0, 10, 11, 12, 2});
  const double difference = testing::largest_difference(exact.embedding(row), rounded.embedding(row));
  EXPECT_GT(difference, 1e-6);
  EXPECT_LT(difference, 0.1);
}

TEST(Roberta, a_width_that_is_no_multiple_of_a_head_and_more_tokens_than_positions_are_refused) {
  const auto refusal = [](OptionValues options) {
    options["weights"] = {std::string("random")};
    return testing::BatchStage::make(options, testing::frozen()).error().code;
  };
  EXPECT_EQ(refusal({{"width", {std::int64_t{100}}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({{"max_tokens", {std::int64_t{513}}}}), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
