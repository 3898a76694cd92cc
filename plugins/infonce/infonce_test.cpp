#include <cmath>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/nn/loss.h"
#include "earshot/nn/parameters.h"
#include "earshot/nn/rows.h"
#include "earshot/nn/stored.h"
#include "earshot/retrieval/mix.h"

namespace earshot {
namespace {

using testing::BatchStage;
using testing::embedding_row;
using testing::RowsByPort;

Row mix_row(std::string own, const std::string& partner, double lambda) {
  return {own + "#mix", {}, std::make_shared<const Mix>(own, partner, lambda)};
}

// Two pairs: audio a = t_a, audio b at 60 degrees to both texts.
RowsByPort two_pairs() {
  return {{"audio", {embedding_row("a", {1, 0}), embedding_row("b", {0.5F, std::sqrt(0.75F)})}},
          {"text", {embedding_row("a", {1, 0}, "a"), embedding_row("b", {0, 1}, "b")}}};
}

BatchStage at_temperature(double temperature) { return BatchStage({{"temperature", {temperature}}}); }

double loss_of(BatchStage& stage, const RowsByPort& rows) {
  return static_cast<const Loss&>(*stage.process(rows, true).value().ports[0].at(0).payload).value();
}

// Eq. 3-6 by hand at tau = 1, means of the two directions: S = [[1, 0], [c, s]] with c = 0.5, s = sqrt(0.75).
TEST(InfoNce, the_loss_of_two_pairs_is_that_of_the_paper) {
  const double c = 0.5;
  const double s = std::sqrt(0.75);
  const auto nll = [](double own, double other) { return std::log(1 + std::exp(other - own)); };
  const double expected = (nll(1, 0) + nll(s, c)) / 2 + (nll(1, c) + nll(s, 0)) / 2;
  BatchStage stage = at_temperature(1);
  EXPECT_NEAR(loss_of(stage, two_pairs()), expected, 1e-6);
}

TEST(InfoNce, a_mixture_that_is_all_its_own_doubles_the_loss) {
  RowsByPort rows = two_pairs();
  BatchStage stage = at_temperature(0.1);
  const double clean = loss_of(stage, rows);
  for (const std::size_t i : {0U, 1U}) {
    Row mixed = rows["audio"][i];
    mixed.id += "#mix";
    rows["audio"].push_back(mixed);
  }
  rows["mix"] = {mix_row("a", "b", 1), mix_row("b", "a", 1)};
  EXPECT_NEAR(loss_of(stage, rows), 2 * clean, 1e-6);
}

TEST(InfoNce, a_row_without_its_partner_is_left_out) {
  BatchStage stage = at_temperature(1);
  RowsByPort rows = two_pairs();
  const double expected = loss_of(stage, rows);
  rows["audio"].push_back(embedding_row("a#mix", {1, 0}));
  rows["mix"] = {mix_row("a", "gone", 0.5)};
  rows["text"].push_back(embedding_row("no audio", {0.6F, 0.8F}, "c"));
  EXPECT_NEAR(loss_of(stage, rows), expected, 1e-12);
}

TEST(InfoNce, a_batch_without_pairs_has_no_loss) {
  BatchStage stage;
  EXPECT_TRUE(stage.process({{"audio", {embedding_row("a", {1, 0})}}}, true).value().ports[0].empty());
}

TEST(InfoNce, pairs_of_one_clip_are_positives_unless_told_otherwise) {
  RowsByPort rows = two_pairs();
  for (Row& row : rows["text"]) row.related = "same clip";
  BatchStage both = at_temperature(1);
  BatchStage diagonal({{"temperature", {1.0}}, {"positives", {std::string("diagonal")}}});
  EXPECT_NE(loss_of(both, rows), loss_of(diagonal, rows));
  EXPECT_NEAR(loss_of(diagonal, rows), loss_of(diagonal, two_pairs()), 1e-12);
}

class Gradients : public ::testing::Test {
 protected:
  // The loss at these embeddings, and after backward() their gradients.
  double loss(const at::Tensor& audio, const at::Tensor& text, const at::Tensor& theta, bool backward) {
    nn::values_of(own_theta())[0] = theta.item<float>();
    const std::vector<Row> names = {{"a", "a", {}}, {"b", "b", {}}, {"a#mix", "a", {}}};
    const std::vector<Row> texts = {names[0], names[1]};
    RowsByPort rows = {{"audio", nn::embedding_rows(audio, names)}, {"text", nn::embedding_rows(text, texts)}};
    rows["mix"] = {mix_row("a", "b", 0.3)};
    const BatchOutputs outputs = stage_.process(rows, true).value();
    const auto& loss = static_cast<const Loss&>(*outputs.ports[0][0].payload);
    if (backward) loss.root().backward();
    return loss.value();
  }
  at::Tensor own_theta() {
    return static_cast<nn::Parameters*>(stage_.stage().capability(nn::kParametersCapability))->parameters()[0].tensor;
  }
  static at::Tensor tensor(std::vector<float> values, std::int64_t rows) {
    at::Tensor made = nn::stack_embeddings(std::vector{embedding_row("", std::move(values))}).view({rows, -1}).clone();
    return made.requires_grad_(true);
  }

  BatchStage stage_ = at_temperature(0.5);
};

// Central differences of the loss itself, clean and mixed terms together.
TEST_F(Gradients, are_those_of_finite_differences) {
  const at::Tensor audio = tensor({0.8F, 0.6F, -0.6F, 0.8F, 0.28F, 0.96F}, 3);
  const at::Tensor text = tensor({0.6F, 0.8F, 0.0F, 1.0F}, 2);
  const at::Tensor theta = tensor({0.4F}, 1);
  loss(audio, text, theta, true);
  constexpr float kStep = 1e-2F;
  const auto check = [&](const at::Tensor& input, const at::Tensor& gradient) {
    for (std::size_t i = 0; i < nn::values_of(input).size(); ++i) {
      float& value = nn::values_of(input)[i];
      const float middle = value;
      value = middle + kStep;
      const double above = loss(audio, text, theta, false);
      value = middle - kStep;
      const double below = loss(audio, text, theta, false);
      value = middle;
      EXPECT_NEAR(nn::values_of(gradient)[i], (above - below) / (2 * static_cast<double>(kStep)), 2e-3);
    }
  };
  check(audio, audio.grad());
  check(text, text.grad());
  check(theta, own_theta().grad());
}

}  // namespace
}  // namespace earshot
