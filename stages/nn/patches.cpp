#include "earshot/nn/patches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>

namespace earshot::nn {

Patches::Patches(Weights& weights, const std::string& name, std::int64_t width, std::int64_t stride, Linear::Bias bias)
    : stride_(stride),
      weight_(weights.parameter(name + ".weight", std::array<std::int64_t, 4>{width, 1, kSide, kSide},
                                uniform_fan_in(kSide * kSide))) {
  if (bias == Linear::Bias::kAdded) bias_ = weights.parameter(name + ".bias", std::array{width}, constant(0));
}

at::Tensor Patches::operator()(const at::Tensor& image) const {
  const std::array<std::int64_t, 2> stride{stride_, stride_};
  return at::conv2d(image.unsqueeze(1), weight_, bias_, stride);
}

std::vector<std::int64_t> draw_sorted(Random random, std::int64_t count, std::int64_t kept) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  for (std::int64_t i = 0; i < kept; ++i)
    std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(i + random.below(count - i))]);
  all.resize(static_cast<std::size_t>(kept));
  std::ranges::sort(all);
  return all;
}

at::Tensor select_slices(const at::Tensor& input, std::int64_t axis, std::span<const std::int64_t> kept) {
  at::Tensor index = at::empty({static_cast<std::int64_t>(kept.size())}, at::kLong);
  std::ranges::copy(kept, index.mutable_data_ptr<std::int64_t>());
  return input.index_select(axis, index.to(input.device()));
}

}  // namespace earshot::nn
