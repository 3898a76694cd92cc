// Worked by hand, with S = [[ln 3, 0], [0, ln 3]]: every row and column has the softmax (3/4, 1/4).
//   InfoNCE: each direction is -ln(3/4), so L = 2 ln(4/3); dL/dS_ii = 2 * (3/4 - 1) / 2 = -1/4, beside it +1/4.
//   Mixco, partners swapped, lambda = 1/4: each term is -(1/4 ln 3/4 + 3/4 ln 1/4), twice;
//   dL/dS_ii = 3/4 - 1/4 = 1/2, beside it 1/4 - 3/4 = -1/2.
// Numbers of the 3 x 3 batch: PyTorch 2.13 in float64, torch.nn.functional.cross_entropy and log_softmax on the same
// matrix with the same targets.
#include "earshot/retrieval/contrastive_loss.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace earshot::retrieval {
namespace {

using Keys = std::vector<std::string>;
using Matrix = std::vector<float>;

const Matrix kTwo = {std::log(3.0F), 0, 0, std::log(3.0F)};
const Matrix kThree = {2, 0.5, -1, 0.25, 1.5, 0.75, -0.5, 1, 3};
const Keys kDistinct = {"a", "b", "c"};
const Keys kRepeated = {"a", "b", "a"};
const std::vector<Mixture> kMixed = {{0, 1, 0.25}, {1, 2, 0.5}, {2, 0, 0.875}};

Similarity square(const Matrix& values) {
  const auto count = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(values.size()))));
  return {values, count, count};
}

LossAndGradient clean_loss(const Matrix& values, const Keys& keys, Positives positives, double factor = 1.0) {
  return info_nce(square(values), keys, {positives, factor}).value();
}

LossAndGradient mixed_loss(const Matrix& values, const std::vector<Mixture>& mixtures, const Keys& keys,
                           Positives positives = Positives::kDiagonal) {
  return mixco(square(values), mixtures, keys, {positives, 1.0}).value();
}

// Steps of 1/1024 are exact in float at these values, so the quotient is one of float64 values.
template <class Loss>
void expect_gradient_of(const Loss& loss, const Matrix& at) {
  const Matrix gradient = loss(at).gradient;
  constexpr float kStep = 1.0F / 1024;
  for (std::size_t i = 0; i < at.size(); ++i) {
    Matrix above = at;
    Matrix below = at;
    above[i] += kStep;
    below[i] -= kStep;
    const double quotient = (loss(above).loss - loss(below).loss) / (2.0 * kStep);
    EXPECT_NEAR(gradient[i], quotient, 2e-7) << "cell " << i;
  }
}

void expect_same_bits(const LossAndGradient& a, const LossAndGradient& b) {
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.gradient, b.gradient);
}

TEST(InfoNce, two_pairs_worked_by_hand) {
  const LossAndGradient result = clean_loss(kTwo, {}, Positives::kDiagonal);
  EXPECT_NEAR(result.loss, 2 * std::log(4.0 / 3.0), 1e-7);
  EXPECT_NEAR(result.gradient[0], -0.25, 1e-7);
  EXPECT_NEAR(result.gradient[1], 0.25, 1e-7);
}

TEST(InfoNce, one_pair_has_no_negative_and_costs_nothing) {
  const LossAndGradient result = clean_loss({7}, {}, Positives::kDiagonal);
  EXPECT_EQ(result.loss, 0);
  EXPECT_EQ(result.gradient[0], 0);
}

TEST(InfoNce, each_kind_of_positives_agrees_with_pytorch) {
  EXPECT_NEAR(clean_loss(kThree, {}, Positives::kDiagonal).loss, 0.661297097562344, 1e-14);
  EXPECT_NEAR(clean_loss(kThree, kRepeated, Positives::kMultiPositiveMean).loss, 3.144568118005008, 1e-14);
  EXPECT_NEAR(clean_loss(kThree, kRepeated, Positives::kMask).loss, 0.6112379979098608, 1e-14);
}

TEST(InfoNce, distinct_clips_make_all_kinds_of_positives_equal) {
  const LossAndGradient diagonal = clean_loss(kThree, {}, Positives::kDiagonal);
  expect_same_bits(clean_loss(kThree, kDistinct, Positives::kMultiPositiveMean), diagonal);
  expect_same_bits(clean_loss(kThree, kDistinct, Positives::kMask), diagonal);
}

TEST(InfoNce, gradient_is_that_of_finite_differences) {
  for (const Positives positives : {Positives::kDiagonal, Positives::kMultiPositiveMean, Positives::kMask})
    expect_gradient_of([&](const Matrix& values) { return clean_loss(values, kRepeated, positives); }, kThree);
}

TEST(InfoNce, factor_multiplies_loss_and_gradient) {
  const LossAndGradient once = clean_loss(kThree, {}, Positives::kDiagonal);
  const LossAndGradient thrice = clean_loss(kThree, {}, Positives::kDiagonal, 3.0);
  EXPECT_DOUBLE_EQ(thrice.loss, 3 * once.loss);
  EXPECT_NEAR(thrice.gradient[4], 3 * once.gradient[4], 1e-6);
}

TEST(InfoNce, does_not_depend_on_the_order_of_pairs_nor_on_which_side_is_which) {
  const Matrix permuted = {3, 1, -0.5, 0.75, 1.5, 0.25, -1, 0.5, 2};  // pairs 2, 1, 0
  const Matrix transposed = {2, 0.25, -0.5, 0.5, 1.5, 1, -1, 0.75, 3};
  const double loss = clean_loss(kThree, {}, Positives::kDiagonal).loss;
  EXPECT_NEAR(clean_loss(permuted, {}, Positives::kDiagonal).loss, loss, 1e-14);
  EXPECT_NEAR(clean_loss(transposed, {}, Positives::kDiagonal).loss, loss, 1e-14);
}

TEST(InfoNce, huge_similarities_do_not_overflow) {
  const LossAndGradient result = clean_loss({1e30F, -1e30F, -1e30F, 1e30F}, {}, Positives::kDiagonal);
  EXPECT_EQ(result.loss, 0);
  EXPECT_EQ(result.gradient[1], 0);
}

TEST(InfoNce, a_matrix_that_does_not_fit_is_refused) {
  EXPECT_EQ(info_nce({kThree, 2, 2}, {}, {Positives::kDiagonal}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(info_nce({kThree, 9, 1}, {}, {Positives::kDiagonal}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(info_nce({{}, 0, 0}, {}, {Positives::kDiagonal}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(info_nce({kThree, 3, 3}, {}, {Positives::kMask}).error().code, ErrorCode::kInvalidArgument);
}

TEST(InfoNce, nan_is_refused_with_its_place) {
  const Matrix values = {1, 0, std::numeric_limits<float>::quiet_NaN(), 1};
  const Error error = info_nce(square(values), {}, {Positives::kDiagonal}).error();
  EXPECT_EQ(error.code, ErrorCode::kNonFinite);
  EXPECT_NE(error.message.find("row 1 and column 0"), std::string::npos);
}

TEST(Mixco, two_pairs_worked_by_hand) {
  const LossAndGradient result = mixed_loss(kTwo, {{0, 1, 0.25}, {1, 0, 0.25}}, {});
  EXPECT_NEAR(result.loss, -2 * (0.25 * std::log(0.75) + 0.75 * std::log(0.25)), 1e-7);
  EXPECT_NEAR(result.gradient[0], 0.5, 1e-7);
  EXPECT_NEAR(result.gradient[1], -0.5, 1e-7);
}

TEST(Mixco, three_pairs_agree_with_pytorch) {
  const LossAndGradient result = mixed_loss(kThree, kMixed, {});
  EXPECT_NEAR(result.loss, 2.060103792819501, 1e-14);
  EXPECT_NEAR(result.gradient[1], -0.3639, 5e-5);
  EXPECT_NEAR(result.gradient[6], -0.0665, 5e-5);
}

TEST(Mixco, lambda_one_is_exactly_info_nce) {
  for (const Positives positives : {Positives::kDiagonal, Positives::kMultiPositiveMean, Positives::kMask})
    expect_same_bits(mixed_loss(kThree, {{0, 1, 1.0}, {1, 2, 1.0}, {2, 0, 1.0}}, kRepeated, positives),
                     clean_loss(kThree, kRepeated, positives));
}

TEST(Mixco, own_partner_is_exactly_info_nce_for_any_lambda) {
  for (const Positives positives : {Positives::kDiagonal, Positives::kMultiPositiveMean, Positives::kMask})
    expect_same_bits(mixed_loss(kThree, {{0, 0, 0.1}, {1, 1, 0.7}, {2, 2, 1.0 / 3.0}}, kRepeated, positives),
                     clean_loss(kThree, kRepeated, positives));
}

TEST(Mixco, lambda_zero_is_the_partner_alone) {
  expect_same_bits(mixed_loss(kThree, {{0, 1, 0.0}, {1, 2, 0.0}, {2, 0, 0.0}}, {}),
                   mixed_loss(kThree, {{1, 1, 1.0}, {2, 2, 1.0}, {0, 0, 1.0}}, {}));
}

TEST(Mixco, gradient_is_that_of_finite_differences) {
  for (const Positives positives : {Positives::kDiagonal, Positives::kMultiPositiveMean, Positives::kMask})
    expect_gradient_of([&](const Matrix& values) { return mixed_loss(values, kMixed, kRepeated, positives); }, kThree);
}

TEST(Mixco, both_directions_share_one_pattern_so_a_gradient_sums_to_zero) {
  double sum = 0;
  for (const float value : mixed_loss(kThree, kMixed, {}).gradient) sum += value;
  EXPECT_NEAR(sum, 0, 1e-7);
}

TEST(Mixco, fewer_mixtures_than_texts_are_taken) {
  const Matrix two_rows(kThree.begin(), kThree.begin() + 6);
  const auto loss = [](const Matrix& values) {
    return mixco({values, 2, 3}, std::vector<Mixture>{{0, 1, 0.25}, {1, 2, 0.5}}, {}, {Positives::kDiagonal}).value();
  };
  EXPECT_GT(loss(two_rows).loss, 0);
  expect_gradient_of(loss, two_rows);
}

TEST(Mixco, a_mixture_outside_the_batch_is_refused) {
  const LossSettings settings{Positives::kDiagonal};
  EXPECT_FALSE(mixco(square(kTwo), std::vector<Mixture>{{0, 2, 0.5}, {1, 0, 0.5}}, {}, settings));
  EXPECT_FALSE(mixco(square(kTwo), std::vector<Mixture>{{0, 1, 1.5}, {1, 0, 0.5}}, {}, settings));
  EXPECT_FALSE(mixco(square(kTwo), std::vector<Mixture>{{0, 1, 0.5}}, {}, settings));
}

}  // namespace
}  // namespace earshot::retrieval
