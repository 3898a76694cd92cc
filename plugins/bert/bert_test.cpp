// Check values: transformers 5.23 on PyTorch 2.13, CPU, float32, with drawn weights (drawn_weights.h) on the sentences
// of text_encoder.h: `tools/parity/run text figures` prints them.
#include <gtest/gtest.h>

#include "earshot/contract/kept_rows.h"
#include "earshot/text/sentence_tokeniser.h"
#include "text_encoder.h"

namespace earshot {
namespace {

using testing::check_sentences;
using testing::CheckValues;
using testing::Ids;
using testing::ModelFolder;
using testing::small_text;
using testing::TextEncoder;

OptionValues pooling(const char* name) { return small_text({{"pooling", {std::string(name)}}}); }

TEST(Bert, its_first_token_is_that_of_transformers) {
  TextEncoder encoder(pooling("first"), testing::frozen(), 0);
  testing::expect_as_reference(encoder, {{{-0.806379, 0.358601, 0.887694, 1.776936}, 0.072893, -0.51344, 11.36239},
                                         {{-0.848223, 0.344595, 0.885435, 1.797641}, 0.187808, -0.52277, 11.36139},
                                         {{-0.753880, 0.350662, 0.895215, 1.858739}, 0.103711, -0.48221, 11.36248},
                                         {{-0.856555, 0.366425, 0.891797, 1.842206}, 0.076241, -0.52053, 11.35138}});
}

TEST(Bert, the_mean_over_its_tokens_is_that_of_transformers) {
  TextEncoder encoder(pooling("mean"), testing::frozen(), 0);
  testing::expect_as_reference(encoder, {{{-0.356950, -0.143529, -0.275944, 0.287512}, -0.128711, -0.16056, 8.31572},
                                         {{0.099365, -0.649279, -0.209298, 0.458426}, -0.131750, -0.28582, 8.85365},
                                         {{-0.437125, -0.725268, -0.388560, 0.536439}, 0.354609, -0.28828, 7.18118},
                                         {{0.024044, -0.462123, -0.424236, 0.136525}, -0.144960, -0.40079, 8.06627}});
}

TEST(Bert, its_pooler_is_that_of_transformers) {
  TextEncoder encoder(pooling("pooler"), testing::frozen(), 0);
  testing::expect_as_reference(encoder, {{{-0.094930, 0.526725, 0.320755, 0.241984}, 0.385353, 1.71145, 3.55961},
                                         {{-0.065430, 0.530571, 0.322951, 0.251582}, 0.366264, 1.66501, 3.56320},
                                         {{-0.072096, 0.541411, 0.327919, 0.239412}, 0.383155, 1.73873, 3.55874},
                                         {{-0.058095, 0.537118, 0.329370, 0.222325}, 0.386768, 1.64214, 3.54781}});
}

TEST(Bert, sentences_of_different_length_in_one_batch_are_as_each_alone) {
  for (const char* name : {"first", "mean", "pooler"}) {
    TextEncoder encoder(pooling(name), testing::frozen(), 0);
    testing::expect_no_leak(encoder, encoder.sentences(check_sentences()));
  }
}

// Where results are kept, rows of one extent are computed together: the bits are those of the row alone in any company.
TEST(Bert, neighbours_of_one_extent_decide_no_bit) {
  TextEncoder encoder(small_text(), testing::frozen(), 0);
  const auto with = [&](const Ids& others) {
    std::vector<Ids> sentences(8, others);
    sentences[3] = {0, 10, 11, 12, 2};
    return testing::values_of_row(encoder.process(encoder.sentences(sentences)).ports[0].at(3));
  };
  EXPECT_EQ(with({0, 2}), with({0, 10, 20, 30, 40, 50, 60, 2}));
  const auto* rows = static_cast<const KeptRows*>(encoder.stage().capability(kKeptRowsCapability));
  EXPECT_EQ(rows->padded_extent(*encoder.sentence({0, 2}).payload), 8);
  EXPECT_EQ(rows->padded_extent(*encoder.sentence(Ids(9, 5)).payload), 16);
  EXPECT_EQ(rows->padded_extent(*encoder.sentence({}).payload), 8);
}

TEST(Bert, a_sentence_as_long_as_there_are_positions_is_read) {
  TextEncoder encoder(small_text({{"max_tokens", {std::int64_t{512}}}}), testing::frozen(), 0);
  EXPECT_EQ(encoder.process(encoder.sentences({Ids(509, 7), {0, 2}})).ports[0].size(), 2U);
}

TEST(Bert, a_sentence_without_tokens_is_not_an_error) {
  TextEncoder encoder(small_text(), testing::frozen(), 0);
  EXPECT_EQ(encoder.process(encoder.sentences({{}, {0, 10, 2}})).ports[0].size(), 2U);
}

TEST(Bert, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    TextEncoder encoder(small_text({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients(encoder.sentences(check_sentences()));
  };
  testing::expect_same_gradients(gradients(0), gradients(3));
}

TEST(Bert, training_drops_out_by_batch) {
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
constexpr const char* kConfig = R"({"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 128,
  "num_attention_heads": 2, "intermediate_size": 512, "vocab_size": 8192, "max_position_embeddings": 512,
  "hidden_act": "gelu", "layer_norm_eps": 1e-12})";

TEST(Bert, reads_a_folder_as_it_is_published) {
  TextEncoder drawn(small_text(), testing::frozen(), 0);
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(drawn.weights(), "bert.");
  const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path(), {}, 0)).value();
  const std::vector<Row> rows = drawn.sentences(check_sentences());
  const BatchOutputs published = TextEncoder::process_with(*stage, rows);
  const BatchOutputs expected = drawn.process(rows);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(testing::values_of_row(published.ports[0][i]), testing::values_of_row(expected.ports[0][i]));
}

// 5 of the embeddings and 16 a block, and the two of the pooler.
TEST(Bert, has_the_parameters_of_the_published_files) {
  TextEncoder encoder(small_text({{"depth", {std::int64_t{12}}}, {"pooling", {std::string("pooler")}}}));
  EXPECT_EQ(encoder.parameters().size(), 199U);
}

// The first release's names of what norms have; heads of pre-training and a table of positions are left alone.
TEST(Bert, reads_the_names_of_its_first_release) {
  TextEncoder drawn;
  nn::StoredTensors old;
  for (const auto& [name, tensor] : drawn.weights()) {
    std::string then = name;
    if (name.ends_with("LayerNorm.weight")) then = name.substr(0, name.size() - 6) + "gamma";
    if (name.ends_with("LayerNorm.bias")) then = name.substr(0, name.size() - 4) + "beta";
    old["bert." + then] = tensor;
  }
  old["cls.predictions.bias"] = old["cls.seq_relationship.weight"] = old["bert.embeddings.position_ids"] = {{1}, {0}};
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(old);
  const auto stage = TextEncoder::make(folder.path());
  EXPECT_TRUE(stage.ok()) << stage.error().message;
}

// Sentence-BERT: pooling and unit length as the folder declares them.
TEST(Bert, of_sentence_transformers_pools_as_its_folder_declares) {
  TextEncoder mean(pooling("mean"));
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(mean.weights());
  folder.write("modules.json", R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
    {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
    {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"}])");
  folder.write("1_Pooling/config.json", R"({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})");
  const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path())).value();
  const Row row = mean.sentence({0, 10, 11, 2});
  const std::vector<float> unit = testing::values_of_row(TextEncoder::process_with(*stage, {row}).ports[0].at(0));
  std::vector<float> expected = mean.embedding(row);
  double length = 0;
  for (const float value : expected) length += static_cast<double>(value) * static_cast<double>(value);
  for (float& value : expected) value = static_cast<float>(static_cast<double>(value) / std::sqrt(length));
  EXPECT_LT(testing::largest_difference(unit, expected), 1e-6);
}

// The package that tools/setup installs, from sentence to embedding.
TEST(Bert, the_published_sentence_bert_gives_the_embeddings_of_transformers) {
  const OptionValues named = {{"weights", {std::string("all-minilm-l6-v2")}}};
  const Result<WeightsInfo> weights = earshot_plugin()->weights(named);
  if (!weights.ok()) GTEST_SKIP() << weights.error().message << "; tools/setup installs them";
  earshot::Setup setup = testing::frozen();
  const std::string& stated = setup.facts["tokens"]["tokeniser"] = weights->facts.at("tokens").at("tokeniser");
  const auto record = std::make_shared<const text::Tokeniser>(text::Tokeniser::parse(stated).value());
  const text::SentenceTokeniser tokenise = text::SentenceTokeniser::open(*record).value();
  std::vector<Row> rows;
  for (const char* sentence : {"rain on a tin roof, then thunder", "A dog barks twice; a door slams.", "owl",
                               "The na\u00efve caf\u00e9 owner's kettle whistles at 3.14 kHz!"})
    rows.push_back({sentence, {}, std::make_shared<const Tokens>(tokenise(sentence).value(), record)});
  const std::unique_ptr<Stage> stage = std::move(testing::BatchStage::make(named, setup)).value();
  const BatchOutputs outputs = TextEncoder::process_with(*stage, rows);
  const std::vector<CheckValues> expected = {
      {{0.022647, 0.080979, 0.079644, 0.036807}, 0.045647, 0.28272, 1.00000},
      {{0.045861, -0.022959, 0.066133, 0.117344}, 0.062359, -0.16968, 1.00000},
      {{0.043668, -0.032104, -0.016093, -0.009049}, 0.024834, 0.44184, 1.00000},
      {{-0.008038, -0.004845, -0.039773, -0.030832}, -0.006842, 0.09288, 1.00000}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    testing::expect_near(testing::values_of_row(outputs.ports[0][i]), expected[i]);
}

}  // namespace
}  // namespace earshot
