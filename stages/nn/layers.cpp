#include "earshot/nn/layers.h"

#include <array>
#include <cmath>
#include <tuple>
#include <vector>

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

#include "earshot/nn/stored.h"

namespace earshot::nn {
namespace {

using Extents = std::array<std::int64_t, 2>;

Initial uniform_within(double bound) { return {Initial::Kind::kUniform, bound}; }

}  // namespace

at::Tensor dropout(const at::Tensor& input, double probability, const Context& context, std::string_view draw,
                   bool share_frames) {
  if (!context.training || probability <= 0) return input;
  std::vector<std::int64_t> shape = input.sizes().vec();
  if (share_frames) shape[1] = 1;
  at::Tensor mask = at::empty(shape, at::kFloat);
  Random random = context.random(draw);
  // A draw of 32 bits below probability * 2^32 drops.
  const auto limit = static_cast<std::uint64_t>(std::ldexp(probability, 32));
  const auto kept = static_cast<float>(1 / (1 - probability));
  for (float& value : values_of(mask)) value = random.bits32() < limit ? 0.0F : kept;
  return input.mul(mask);
}

Linear::Linear(Weights& weights, const std::string& name, std::int64_t in, std::int64_t out) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = weights.parameter(name + ".weight", Extents{out, in}, uniform_within(bound));
  bias_ = weights.parameter(name + ".bias", std::array{out}, uniform_within(bound));
}

at::Tensor Linear::operator()(const at::Tensor& input) const { return at::linear(input, weight_, bias_); }

ConvBlock::ConvBlock(Weights& weights, const std::string& name, const Shape& shape)
    : shape_(shape),
      kernel_(weights.parameter(name + ".conv.weight", std::array<std::int64_t, 4>{shape.out, shape.in, 3, 3},
                                uniform_fan_in(shape.in * 9, std::sqrt(2.0)))),
      scale_(weights.parameter(name + ".norm.weight", std::array{shape.out}, constant(1))),
      shift_(weights.parameter(name + ".norm.bias", std::array{shape.out}, constant(0))),
      mean_(weights.buffer(name + ".norm.running_mean", shape.out, 0)),
      variance_(weights.buffer(name + ".norm.running_var", shape.out, 1)) {}

at::Tensor ConvBlock::operator()(const at::Tensor& input, bool training) const {
  constexpr double kMomentum = 0.1;
  constexpr double kEpsilon = 1e-5;
  const Extents stride{shape_.stride_bands, shape_.stride_frames};
  const at::Tensor convolved = at::conv2d(input, kernel_, /*bias=*/{}, stride, Extents{1, 1});
  return at::batch_norm(convolved, scale_, shift_, mean_, variance_, training, kMomentum, kEpsilon,
                        /*cudnn_enabled=*/false)
      .relu_();
}

Gru::Gru(Weights& weights, const std::string& name, std::int64_t in, std::int64_t state, bool bidirectional)
    : state_(state), bidirectional_(bidirectional) {
  const Initial initial = uniform_within(1 / std::sqrt(static_cast<double>(state)));
  for (const char* direction : {"", "_reverse"}) {
    const std::string end = std::string("_l0") + direction;
    tensors_.push_back(weights.parameter(name + ".weight_ih" + end, Extents{3 * state, in}, initial));
    tensors_.push_back(weights.parameter(name + ".weight_hh" + end, Extents{3 * state, state}, initial));
    tensors_.push_back(weights.parameter(name + ".bias_ih" + end, std::array{3 * state}, initial));
    tensors_.push_back(weights.parameter(name + ".bias_hh" + end, std::array{3 * state}, initial));
    if (!bidirectional) break;
  }
}

at::Tensor Gru::operator()(const at::Tensor& input) const {
  const at::Tensor start = at::zeros({bidirectional_ ? 2 : 1, input.size(0), state_}, at::kFloat);
  return std::get<0>(at::gru(input, start, tensors_, /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0,
                             /*train=*/false, bidirectional_, /*batch_first=*/true));
}

}  // namespace earshot::nn
