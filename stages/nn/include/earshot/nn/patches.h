// Patches: a spectrogram cut into squares of 16 x 16, each mapped to one vector by a convolution. Compute lane only.
// Source: ViT (Dosovitskiy et al. 2021), AST (Gong et al. 2021).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/contract/random.h"
#include "earshot/nn/layers.h"

namespace earshot::nn {

class Patches {
 public:
  static constexpr std::int64_t kSide = 16;

  // Of stride `stride` along both axes; weight [width, 1, 16, 16].
  Patches(Weights& weights, const std::string& name, std::int64_t width, std::int64_t stride, Linear::Bias bias);
  // [clip, row, column] -> [clip, width, (row - 16) / stride + 1, (column - 16) / stride + 1]; what is left over at the
  // ends is dropped. Precondition: at least 16 rows and columns.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& image) const;

 private:
  std::int64_t stride_;
  at::Tensor weight_;
  at::Tensor bias_;
};

// `kept` of the numbers 0 ... count - 1, ascending, each choice as likely as another. Precondition: 0 <= kept <= count.
std::vector<std::int64_t> draw_sorted(Random random, std::int64_t count, std::int64_t kept);

// The slices `kept` of `input` along `axis`.
at::Tensor select_slices(const at::Tensor& input, std::int64_t axis, std::span<const std::int64_t> kept);

}  // namespace earshot::nn
