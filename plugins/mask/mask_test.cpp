#include <algorithm>

#include <gtest/gtest.h>

#include "earshot/text/tokens.h"
#include "stage_under_test.h"

namespace earshot::testing {
namespace {

using Ids = std::vector<std::int32_t>;

const Ids kSentence = {0, 100, 101, 102, 103, 104, 105, 106, 107, 2, 1, 1, 3};
const Context kTraining = StageUnderTest::context(/*training=*/true);

// What becomes of `ids`.
Ids masked(const Ids& ids, double probability, const Context& context = kTraining) {
  const StageUnderTest mask({{"probability", {probability}}});
  const Tokens tokens(ids, std::make_shared<const text::Tokeniser>());
  const Tokens result = mask.process<Tokens>(tokens, context).value();
  return {result.ids().begin(), result.ids().end()};
}

TEST(MaskStage, start_end_padding_and_unknown_are_never_masked) {
  EXPECT_EQ(masked(kSentence, 1.0), (Ids{0, 4, 4, 4, 4, 4, 4, 4, 4, 2, 1, 1, 3}));
}

// 10,000 tokens at 10 %: 1,000, deviation 30.
TEST(MaskStage, as_many_are_masked_as_the_probability_says) {
  const Ids result = masked(Ids(10000, 100), 0.1);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(result, 4)), 1000, 150);
}

TEST(MaskStage, probability_zero_masks_nothing) { EXPECT_EQ(masked(kSentence, 0.0), kSentence); }

TEST(MaskStage, outside_training_nothing_is_masked) {
  EXPECT_EQ(masked(kSentence, 1.0, StageUnderTest::context(/*training=*/false)), kSentence);
}

TEST(MaskStage, the_same_item_and_epoch_give_the_same_mask_and_others_another) {
  const Ids sentence(200, 100);
  const Ids first = masked(sentence, 0.5);
  EXPECT_EQ(masked(sentence, 0.5), first);
  Context next_epoch = kTraining;
  next_epoch.epoch = 1;
  EXPECT_NE(masked(sentence, 0.5, next_epoch), first);
  EXPECT_NE(masked(sentence, 0.5, StageUnderTest::context(true, /*item=*/8)), first);
}

TEST(MaskStage, a_tokeniser_without_mask_token_is_refused) {
  const auto made = StageUnderTest::make({}, {{"tokens", {{"tokeniser", "mask=-1"}}}});
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot::testing
