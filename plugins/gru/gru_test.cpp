#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/text/tokens.h"

namespace earshot {
namespace {

using testing::BatchStage;
using Ids = std::vector<std::int32_t>;

const OptionValues kSmall = {{"width", {std::int64_t{8}}}, {"dim", {std::int64_t{16}}}};

class Encoder : public ::testing::Test {
 protected:
  std::vector<std::vector<float>> encode(const std::vector<Ids>& sentences, bool training = false,
                                         std::uint64_t batch = 0) {
    testing::RowsByPort rows;
    for (const Ids& ids : sentences)
      rows["tokens"].push_back(
          {std::to_string(rows["tokens"].size()), {}, std::make_shared<const Tokens>(ids, tokeniser_)});
    std::vector<std::vector<float>> embeddings;
    const BatchOutputs outputs = stage_.process(rows, training, batch).value();
    for (const Row& row : outputs.ports[0]) embeddings.push_back(testing::values_of_row(row));
    return embeddings;
  }

  std::shared_ptr<const text::Tokeniser> tokeniser_ = std::make_shared<const text::Tokeniser>();
  BatchStage stage_{kSmall};
};

TEST_F(Encoder, every_sentence_has_an_embedding_of_the_width_that_was_asked_for) {
  const auto embeddings = encode({{0, 10, 2}, {0, 11, 12, 2}});
  ASSERT_EQ(embeddings.size(), 2U);
  EXPECT_EQ(embeddings[1].size(), 16U);
}

TEST_F(Encoder, the_order_of_words_counts) {
  const auto embeddings = encode({{0, 10, 11, 2}, {0, 11, 10, 2}});
  EXPECT_NE(embeddings[0], embeddings[1]);
}

TEST_F(Encoder, a_longer_neighbour_changes_nothing) {
  const auto with = encode({{0, 10, 2}, {0, 11, 12, 13, 14, 15, 2}});
  const auto without = encode({{0, 10, 2}, {0, 11, 2}});
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(with[0][i], without[0][i], 1e-6);
}

TEST_F(Encoder, a_sentence_without_tokens_is_not_an_error) { EXPECT_EQ(encode({{}, {0, 2}}).size(), 2U); }

TEST_F(Encoder, training_drops_out_by_batch) {
  const std::vector<Ids> sentences = {{0, 10, 11, 12, 2}};
  EXPECT_EQ(encode(sentences, true, 4), encode(sentences, true, 4));
  EXPECT_NE(encode(sentences, true, 4), encode(sentences, true, 5));
  EXPECT_EQ(encode(sentences, false, 4), encode(sentences, false, 5));
}

TEST_F(Encoder, an_odd_width_is_refused) {
  EXPECT_EQ(BatchStage::make({{"dim", {std::int64_t{17}}}}, testing::trainable()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
