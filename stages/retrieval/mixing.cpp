#include "earshot/retrieval/mixing.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace earshot::retrieval {

std::vector<std::size_t> random_partners(std::span<const double> uniforms) {
  std::vector<std::size_t> partners(uniforms.size());
  std::iota(partners.begin(), partners.end(), std::size_t{0});
  for (std::size_t last = partners.size(); last-- > 1;) {
    const auto earlier = static_cast<std::size_t>(uniforms[last] * static_cast<double>(last));
    std::swap(partners[last], partners[std::min(earlier, last - 1)]);
  }
  return partners;
}

std::vector<double> mixing_weights(std::span<const double> uniforms, bool per_batch) {
  std::vector<double> weights(uniforms.begin(), uniforms.end());
  if (per_batch && !weights.empty()) std::fill(weights.begin(), weights.end(), weights.front());
  return weights;
}

}  // namespace earshot::retrieval
