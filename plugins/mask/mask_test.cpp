#include <algorithm>

#include <gtest/gtest.h>

#include "earshot/contract/plugin.h"
#include "earshot/text/tokens.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

using Ids = std::vector<std::int32_t>;

class MaskStage : public testing::Test {
 protected:
  // What becomes of `ids`.
  Ids masked(const Ids& ids, double probability) {
    const auto stage = earshot_plugin()->create({{"probability", {probability}}}, {}).value();
    const std::vector<std::string> names = {"tokens"};
    const std::vector<PayloadPtr> payloads = {
        std::make_shared<const Tokens>(ids, std::make_shared<const text::Tokeniser>())};
    const Outputs outputs = dynamic_cast<const Map&>(*stage).process(Inputs(names, payloads), context_).value();
    passed_on_ = outputs[0] == payloads[0];
    const auto result = static_cast<const Tokens&>(*outputs[0]).ids();
    return {result.begin(), result.end()};
  }

  Context context_{.seed = 1, .training = true, .item = 7, .stage = "mask"};
  bool passed_on_ = false;
  const Ids sentence_ = {0, 100, 101, 102, 103, 104, 105, 106, 107, 2, 1, 1, 3};
};

TEST_F(MaskStage, start_end_padding_and_unknown_are_never_masked) {
  EXPECT_EQ(masked(sentence_, 1.0), (Ids{0, 4, 4, 4, 4, 4, 4, 4, 4, 2, 1, 1, 3}));
}

// 10,000 tokens at 10 %: 1,000, deviation 30.
TEST_F(MaskStage, as_many_are_masked_as_the_probability_says) {
  const Ids result = masked(Ids(10000, 100), 0.1);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(result, 4)), 1000, 150);
}

TEST_F(MaskStage, probability_zero_masks_nothing) { EXPECT_EQ(masked(sentence_, 0.0), sentence_); }

TEST_F(MaskStage, outside_training_the_payload_is_passed_on) {
  context_.training = false;
  EXPECT_EQ(masked(sentence_, 1.0), sentence_);
  EXPECT_TRUE(passed_on_);
}

TEST_F(MaskStage, the_same_item_and_epoch_give_the_same_mask_and_others_another) {
  const Ids sentence(200, 100);
  const Ids first = masked(sentence, 0.5);
  EXPECT_EQ(masked(sentence, 0.5), first);
  context_.epoch = 1;
  EXPECT_NE(masked(sentence, 0.5), first);
  context_.epoch = 0;
  context_.item = 8;
  EXPECT_NE(masked(sentence, 0.5), first);
}

TEST_F(MaskStage, a_tokeniser_without_mask_token_is_refused) {
  earshot::Setup setup;
  setup.facts["tokens"]["tokeniser"] = "mask=-1";
  EXPECT_EQ(earshot_plugin()->create({}, setup).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
