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

TEST(Mpnet, the_mean_over_its_tokens_is_that_of_transformers) {
  TextEncoder encoder(pooling("mean"));
  testing::expect_as_reference(encoder, {{{-0.382005, 0.817364, -0.068964, 0.357380}, 0.014269, -0.15999, 5.61585},
                                         {{0.098489, 0.754241, -0.656208, 0.615112}, -0.305284, -0.20162, 6.34026},
                                         {{-0.146317, 0.114633, -0.274989, 0.322260}, 0.232957, -0.26978, 2.58434},
                                         {{0.243149, 0.168899, -0.254350, -0.332783}, -0.004444, -0.32486, 4.19249}});
}

TEST(Mpnet, its_first_token_is_that_of_transformers) {
  TextEncoder encoder(pooling("first"));
  testing::expect_as_reference(encoder, {{{-0.338583, 1.122296, 0.028453, 1.585854}, -0.554947, -1.50147, 11.43351},
                                         {{-0.363360, 1.098270, -0.007770, 1.481552}, -0.531226, -1.46294, 11.44154},
                                         {{-0.351054, 1.054034, -0.033047, 1.544096}, -0.607865, -1.48406, 11.43006},
                                         {{-0.408167, 1.101743, -0.024627, 1.459530}, -0.556832, -1.46387, 11.43928}});
}

TEST(Mpnet, its_pooler_is_that_of_transformers) {
  TextEncoder encoder(pooling("pooler"));
  testing::expect_as_reference(encoder, {{{-0.118802, 0.738173, 0.323701, -0.167468}, 0.073535, 1.70173, 3.23039},
                                         {{-0.136340, 0.751985, 0.279006, -0.147766}, 0.074934, 1.55229, 3.22625},
                                         {{-0.148796, 0.726207, 0.306421, -0.150473}, 0.050732, 1.75969, 3.21499},
                                         {{-0.136338, 0.733821, 0.303428, -0.137091}, 0.061330, 1.62469, 3.24485}});
}

TEST(Mpnet, sentences_of_different_length_in_one_batch_are_as_each_alone) {
  for (const char* name : {"first", "mean", "pooler"}) {
    TextEncoder encoder(pooling(name));
    testing::expect_no_leak(encoder, encoder.sentences(check_sentences()));
  }
}

TEST(Mpnet, a_sentence_without_tokens_is_not_an_error) {
  TextEncoder encoder(small_text());
  EXPECT_EQ(encoder.process(encoder.sentences({{}, {0, 10, 2}})).ports[0].size(), 2U);
}

TEST(Mpnet, a_gradient_cache_gives_the_gradients_of_the_plain_step) {
  const auto gradients = [](std::int64_t chunk) {
    TextEncoder encoder(small_text({{"chunk", {chunk}}}), testing::trainable());
    return encoder.gradients(encoder.sentences(check_sentences()));
  };
  testing::expect_same_gradients(gradients(0), gradients(3));
}

TEST(Mpnet, training_drops_out_by_batch) {
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
constexpr const char* kConfig = R"({"model_type": "mpnet", "num_hidden_layers": 2, "hidden_size": 128,
  "num_attention_heads": 2, "intermediate_size": 512, "vocab_size": 8192, "max_position_embeddings": 514,
  "hidden_act": "gelu", "layer_norm_eps": 1e-5})";

TEST(Mpnet, reads_a_folder_as_it_is_published) {
  TextEncoder drawn(small_text());
  const ModelFolder folder;
  folder.write("config.json", kConfig).write(drawn.weights(), "mpnet.");
  const std::unique_ptr<Stage> stage = std::move(TextEncoder::make(folder.path())).value();
  const std::vector<Row> rows = drawn.sentences(check_sentences());
  const BatchOutputs published = TextEncoder::process_with(*stage, rows);
  const BatchOutputs expected = drawn.process(rows);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(testing::values_of_row(published.ports[0][i]), testing::values_of_row(expected.ports[0][i]));
}

// 4 of the embeddings, the table of relative positions and 16 a block, and the two of the pooler.
TEST(Mpnet, has_the_parameters_of_the_published_files) {
  TextEncoder encoder(small_text({{"depth", {std::int64_t{12}}}, {"pooling", {std::string("pooler")}}}));
  EXPECT_EQ(encoder.parameters().size(), 199U);
}

}  // namespace
}  // namespace earshot
