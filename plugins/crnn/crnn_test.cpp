#include <cmath>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/audio/mel.h"

namespace earshot {
namespace {

using testing::BatchStage;
using testing::values_of_row;

const OptionValues kSmall = {{"channels", {std::int64_t{4}}}, {"dim", {std::int64_t{32}}}};

// A spectrogram that swings, or with `backwards` the same from its end to its start.
Row mel_row(std::string id, std::int64_t frames, bool backwards = false) {
  std::vector<float> values(static_cast<std::size_t>(80 * frames));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t frame = i % static_cast<std::size_t>(frames);
    values[i] = static_cast<float>(
        std::sin(0.1 * static_cast<double>(backwards ? static_cast<std::size_t>(frames) - 1 - frame : frame)));
  }
  return {
      std::move(id), {}, std::make_shared<const Mel>(std::move(values), 80, 22050, std::make_shared<std::string>())};
}

TEST(Crnn, every_clip_has_an_embedding_of_the_width_that_was_asked_for_whatever_its_length) {
  BatchStage stage(kSmall);
  const BatchOutputs outputs = stage.process({{"mel", {mel_row("a", 40), mel_row("b", 1)}}}, false).value();
  ASSERT_EQ(outputs.ports[0].size(), 2U);
  EXPECT_EQ(outputs.ports[0][1].id, "b");
  EXPECT_EQ(values_of_row(outputs.ports[0][1]).size(), 32U);
}

TEST(Crnn, the_order_of_events_changes_the_embedding) {
  BatchStage stage(kSmall);
  const BatchOutputs outputs = stage.process({{"mel", {mel_row("a", 64), mel_row("b", 64, true)}}}, false).value();
  EXPECT_NE(values_of_row(outputs.ports[0][0]), values_of_row(outputs.ports[0][1]));
}

TEST(Crnn, the_same_seed_gives_the_same_bits_in_training_too) {
  BatchStage one(kSmall);
  BatchStage other(kSmall);
  const testing::RowsByPort rows = {{"mel", {mel_row("a", 40), mel_row("b", 40, true)}}};
  EXPECT_EQ(values_of_row(one.process(rows, true).value().ports[0][0]),
            values_of_row(other.process(rows, true).value().ports[0][0]));
}

TEST(Crnn, a_width_that_four_summaries_cannot_share_is_refused) {
  EXPECT_EQ(BatchStage::make({{"dim", {std::int64_t{34}}}}, testing::trainable()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
