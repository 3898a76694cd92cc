#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/audio/mel.h"

namespace earshot {
namespace {

using testing::BatchStage;
using testing::values_of_row;

const OptionValues kSmall = {{"channels", {std::int64_t{4}}}, {"dim", {std::int64_t{32}}}};

// A spectrogram that rises and falls `speed` times over its frames.
Row mel_row(std::string id, std::int64_t frames, double speed) {
  std::vector<float> values(static_cast<std::size_t>(64 * frames));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(std::sin(speed * static_cast<double>(i) / static_cast<double>(frames)));
  return {
      std::move(id), {}, std::make_shared<const Mel>(std::move(values), 64, 16000, std::make_shared<std::string>())};
}
testing::RowsByPort two_clips() { return {{"mel", {mel_row("a", 50, 1), mel_row("b", 50, 3)}}}; }

TEST(Cnn, every_clip_has_an_embedding_of_the_width_that_was_asked_for) {
  BatchStage stage(kSmall);
  const BatchOutputs outputs = stage.process(two_clips(), false).value();
  ASSERT_EQ(outputs.ports[0].size(), 2U);
  EXPECT_EQ(outputs.ports[0][1].id, "b");
  EXPECT_EQ(values_of_row(outputs.ports[0][1]).size(), 32U);
  EXPECT_NE(values_of_row(outputs.ports[0][0]), values_of_row(outputs.ports[0][1]));
}

TEST(Cnn, the_same_seed_gives_the_same_bits_in_training_too) {
  BatchStage one(kSmall);
  BatchStage other(kSmall);
  EXPECT_EQ(values_of_row(one.process(two_clips(), true).value().ports[0][0]),
            values_of_row(other.process(two_clips(), true).value().ports[0][0]));
}

TEST(Cnn, dropout_differs_from_batch_to_batch) {
  BatchStage one(kSmall);
  BatchStage other(kSmall);
  EXPECT_NE(values_of_row(one.process(two_clips(), true, 0).value().ports[0][0]),
            values_of_row(other.process(two_clips(), true, 1).value().ports[0][0]));
}

TEST(Cnn, the_order_of_events_changes_the_embedding) {
  const Row forwards = mel_row("a", 64, 2);
  const auto& mel = static_cast<const Mel&>(*forwards.payload);
  std::vector<float> values(mel.values().begin(), mel.values().end());
  for (std::size_t band = 0; band < 64; ++band)
    std::reverse(values.begin() + static_cast<std::ptrdiff_t>(band * 64),
                 values.begin() + static_cast<std::ptrdiff_t>(band * 64 + 64));
  const Row backwards = {"b", {}, std::make_shared<const Mel>(values, 64, 16000, std::make_shared<std::string>())};
  BatchStage stage(kSmall);
  const BatchOutputs outputs = stage.process({{"mel", {forwards, backwards}}}, false).value();
  EXPECT_NE(values_of_row(outputs.ports[0][0]), values_of_row(outputs.ports[0][1]));
}

TEST(Cnn, a_clip_of_one_frame_and_clips_of_different_length_have_embeddings) {
  BatchStage stage(kSmall);
  const BatchOutputs mixed = stage.process({{"mel", {mel_row("a", 1, 1), mel_row("b", 50, 3)}}}, false).value();
  EXPECT_EQ(values_of_row(mixed.ports[0][0]).size(), 32U);
  EXPECT_TRUE(mixed.ports[0][0].payload->finite());
}

TEST(Cnn, what_training_changed_is_saved_and_loaded) {
  BatchStage trained(kSmall);
  ASSERT_TRUE(trained.process(two_clips(), true).ok());
  BatchStage fresh(kSmall);
  const auto saved = trained.stage().state()->saved(State::Scope::kWeights).value();
  ASSERT_TRUE(fresh.stage().state()->load(saved, State::Scope::kWeights).ok());
  EXPECT_EQ(values_of_row(fresh.process(two_clips(), false).value().ports[0][0]),
            values_of_row(trained.process(two_clips(), false).value().ports[0][0]));
}

TEST(Cnn, a_width_that_four_summaries_cannot_share_is_refused) {
  EXPECT_EQ(BatchStage::make({{"dim", {std::int64_t{33}}}}, testing::trainable()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
