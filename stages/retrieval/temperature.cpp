#include "earshot/retrieval/temperature.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace earshot::retrieval {

double scale_from_theta(double theta) { return std::min(std::exp(theta), kMaxScale); }

double theta_from_temperature(double temperature) { return -std::log(std::abs(temperature)); }

double theta_gradient(std::span<const float> similarity, std::span<const float> gradient, double theta) {
  double sum = 0;
  for (std::size_t i = 0; i < similarity.size(); ++i)
    sum += static_cast<double>(gradient[i]) * static_cast<double>(similarity[i]);
  const bool clamped = std::exp(theta) > kMaxScale;
  return clamped ? std::max(sum, 0.0) : sum;
}

}  // namespace earshot::retrieval
