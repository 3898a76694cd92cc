// Layers of small networks, each with its own weights, as functions of tensors. Compute lane only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/nn/draws.h"
#include "earshot/nn/weights.h"

namespace earshot::nn {

// Sets elements of `input` [row, ...] to 0 with `probability` and multiplies the others by 1 / (1 - probability);
// passes it on outside training. `share_frames`: of [clip, frame, channel], a channel is dropped in all frames of a
// clip or in none. Draws are those of each row under the name `draw`, never from LibTorch's generator. Precondition: 0
// <= probability < 1. Source: Srivastava et al. 2014; Tompson et al. 2015 for shared frames.
at::Tensor dropout(const at::Tensor& input, double probability, const Draws& draws, std::string_view draw,
                   bool share_frames = false);

// y = x W^T + b. Weight [out, in], both from U(-1/sqrt(in), 1/sqrt(in)).
class Linear {
 public:
  enum class Bias : bool { kNone, kAdded };
  Linear(Weights& weights, const std::string& name, std::int64_t in, std::int64_t out, Bias bias = Bias::kAdded);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input) const;

 private:
  // Weights in the order in which a product reads them, as of their last change.
  class Reordered {
   public:
    const at::Tensor& of(const at::Tensor& weight);

   private:
    at::Tensor tensor_;
    std::int64_t version_ = 0;
  };

  at::Tensor weight_;
  at::Tensor bias_;
  mutable Reordered reordered_;
};

// Normalises the last axis. kLayer: (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016).
// kRms: x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich 2019), without a bias.
class Norm {
 public:
  enum class Kind : std::uint8_t { kLayer, kRms };
  Norm(Weights& weights, const std::string& name, std::int64_t width, double epsilon, Kind kind = Kind::kLayer);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input) const;

 private:
  Kind kind_;
  double epsilon_;
  at::Tensor weight_;
  at::Tensor bias_;
};

// 3 x 3 convolution without bias, batch normalisation (Ioffe and Szegedy 2015), ReLU.
// [clip, channel, band, frame] -> [clip, out, band, frame] with bands and frames divided by the stride, rounded up.
class ConvBlock {
 public:
  struct Shape {
    std::int64_t in = 1;
    std::int64_t out = 1;
    std::int64_t stride_bands = 1;
    std::int64_t stride_frames = 1;
  };
  ConvBlock(Weights& weights, const std::string& name, const Shape& shape);
  // `training`: normalise by the batch and update the running statistics; else normalise by these.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input, bool training) const;

 private:
  Shape shape_;
  at::Tensor kernel_;
  at::Tensor scale_;
  at::Tensor shift_;
  at::Tensor mean_;
  at::Tensor variance_;
};

// Gated recurrent unit (Cho et al. 2014), one layer, zero start. [row, frame, in] -> [row, frame, state], twice the
// state when it also runs backwards. PyTorch's parameter layout: gates r, z, n stacked.
class Gru {
 public:
  Gru(Weights& weights, const std::string& name, std::int64_t in, std::int64_t state, bool bidirectional);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input) const;

 private:
  std::int64_t state_;
  bool bidirectional_;
  std::vector<at::Tensor> tensors_;
};

}  // namespace earshot::nn
