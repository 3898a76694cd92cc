#include "earshot/retrieval/temperature.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "earshot/retrieval/contrastive_loss.h"

namespace earshot::retrieval {
namespace {

const std::vector<float> kCosines = {0.75F, 0.25F, -0.5F, 0.5F};

// Cosines and scales of the tests are multiples of 1/64, so the products are exact in float.
std::vector<float> similarity_at(double scale) {
  std::vector<float> similarity;
  for (const float cosine : kCosines) similarity.push_back(static_cast<float>(scale * cosine));
  return similarity;
}

LossAndGradient loss_at(double scale) {
  return info_nce({similarity_at(scale), 2, 2}, {}, {Positives::kDiagonal}).value();
}

// dL/dtheta = scale dL/dscale.
TEST(Temperature, gradient_is_that_of_finite_differences) {
  const double scale = 4;
  const double step = 1.0 / 64;
  const double quotient = scale * (loss_at(scale + step).loss - loss_at(scale - step).loss) / (2 * step);
  EXPECT_NEAR(theta_gradient(similarity_at(scale), loss_at(scale).gradient, std::log(scale)), quotient, 1e-5);
}

TEST(Temperature, scale_stops_at_one_hundred) {
  EXPECT_NEAR(scale_from_theta(std::log(50.0)), 50, 1e-12);
  EXPECT_EQ(scale_from_theta(5), 100);
  EXPECT_EQ(scale_from_theta(1e6), 100);
}

// log(50) = 3.912023: tau = 0.02 of Munakata et al.
TEST(Temperature, a_stored_tau_becomes_theta_whatever_its_sign) {
  EXPECT_NEAR(theta_from_temperature(0.02), 3.912023, 1e-6);
  EXPECT_EQ(theta_from_temperature(-0.02), theta_from_temperature(0.02));
}

TEST(Temperature, above_the_clamp_only_the_way_back_is_open) {
  const std::vector<float> similarity = {1, 2};
  const double above = 5;
  EXPECT_EQ(theta_gradient(similarity, std::vector<float>{1, 1}, above), 3);
  EXPECT_EQ(theta_gradient(similarity, std::vector<float>{-1, -1}, above), 0);
}

}  // namespace
}  // namespace earshot::retrieval
