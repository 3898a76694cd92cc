#include "earshot/nn/attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include "short_attention.h"

namespace earshot::nn {

at::Tensor padding_bias(const at::Tensor& hidden) {
  const at::Tensor zeros = at::zeros({hidden.size(0), 1, 1, hidden.size(1)}, hidden.options().dtype(at::kFloat));
  return zeros.masked_fill(hidden.view(zeros.sizes()), -std::numeric_limits<float>::infinity());
}

at::Tensor relative_buckets(std::int64_t tokens, std::int64_t buckets, std::int64_t max_distance) {
  const std::int64_t half = buckets / 2;
  const std::int64_t exact = half / 2;
  // In float32, as the reference computes it: the quotient decides on which side of a whole number it falls.
  const auto scale = static_cast<float>(std::log(static_cast<double>(max_distance) / static_cast<double>(exact)));
  std::vector<std::int64_t> bucket(static_cast<std::size_t>(tokens));  // by distance
  for (std::int64_t distance = 0; distance < tokens; ++distance) {
    const float log = std::log(static_cast<float>(std::max(distance, exact)) / static_cast<float>(exact));
    const auto beyond = static_cast<std::int64_t>(log / scale * static_cast<float>(half - exact));
    bucket[static_cast<std::size_t>(distance)] = distance < exact ? distance : std::min(half - 1, exact + beyond);
  }
  at::Tensor all = at::empty({tokens, tokens}, at::kLong);
  auto* out = all.mutable_data_ptr<std::int64_t>();
  for (std::int64_t query = 0; query < tokens; ++query)
    for (std::int64_t key = 0; key < tokens; ++key)
      *out++ = (key > query ? half : 0) + bucket[static_cast<std::size_t>(std::abs(key - query))];
  return all;
}

namespace {

std::vector<Linear> input_layers(Weights& weights, const SelfAttention::Names& names,
                                 const SelfAttention::Shape& shape) {
  const std::int64_t rows = 3 * shape.heads * shape.head_size / static_cast<std::int64_t>(names.inputs.size());
  std::vector<Linear> layers;
  for (const std::string& name : names.inputs) layers.emplace_back(weights, name, shape.width, rows, shape.bias);
  return layers;
}

SelfAttention::Shape complete(SelfAttention::Shape shape) {
  if (shape.head_size == 0) shape.head_size = shape.width / shape.heads;
  if (!shape.scale) shape.scale = 1 / std::sqrt(static_cast<double>(shape.head_size));
  return shape;
}

at::Tensor sum_of(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a.add(b) : a;
}

}  // namespace

SelfAttention::SelfAttention(Weights& weights, const Names& names, const Shape& shape)
    : shape_(complete(shape)),
      name_(names.output),
      inputs_(input_layers(weights, names, shape_)),
      output_(weights, names.output, shape_.heads * shape_.head_size, shape_.width, shape_.bias) {
  if (names.gate.empty()) return;
  gate_.emplace(weights, names.gate + "grep_linear", shape_.head_size, 8);
  gate_scale_ =
      weights.parameter(names.gate + "grep_a", std::array<std::int64_t, 4>{1, shape_.heads, 1, 1}, constant(1));
}

// With (a, b) = sigmoid of grep_linear(q) summed in two groups of four: g = a (b grep_a - 1) + 2, and query i of head h
// gets g(i, h) position[h, i, :]. q is not scaled. Source: WavLM (Chen et al. 2022), eq. 3 to 5; BEATs.
at::Tensor SelfAttention::gated(const at::Tensor& queries, const at::Tensor& position) const {
  const at::Tensor sums = (*gate_)(queries).unflatten(-1, {2, 4}).sum(-1);  // [row, head, query, 2]
  const at::Tensor gates = at::sigmoid(sums);
  const at::Tensor first = gates.narrow(-1, 0, 1);
  const at::Tensor second = gates.narrow(-1, 1, 1);
  return first.mul(second.mul(gate_scale_).sub(1)).add(2).mul(position);
}

at::Tensor SelfAttention::operator()(const at::Tensor& input, const AttentionBias& bias, const Draws& draws) const {
  // [row, token, heads * size] -> [row, head, token, size]
  const auto by_head = [&](const at::Tensor& x) {
    return x.unflatten(-1, {shape_.heads, shape_.head_size}).transpose(1, 2);
  };
  std::vector<at::Tensor> parts;
  if (inputs_.size() == 1)
    parts = inputs_[0](input).chunk(3, -1);
  else
    for (const Linear& layer : inputs_) parts.push_back(layer(input));
  const at::Tensor queries = by_head(parts[0]);
  const at::Tensor keys = by_head(parts[1]);
  const at::Tensor values = by_head(parts[2]);
  const at::Tensor position = gate_ && bias.position.defined() ? gated(queries, bias.position) : bias.position;
  const at::Tensor added = sum_of(position, bias.padding);

  const double scale = *shape_.scale;

  at::Tensor attended;
  if (draws.training() && shape_.dropout > 0) {
    const at::Tensor scores = sum_of(at::matmul(queries, keys.transpose(-1, -2)).mul(scale), added);
    attended = at::matmul(nn::dropout(at::softmax(scores, -1), shape_.dropout, draws, name_ + ".weights"), values);
  } else if (is_short_attention(queries, keys, values)) {
    return output_(short_attention(queries, keys, values, added, scale));
  } else {
    const auto mask = added.defined() ? std::optional<at::Tensor>(added) : std::nullopt;
    attended =
        at::scaled_dot_product_attention(queries, keys, values, mask, /*dropout_p=*/0.0, /*is_causal=*/false, scale);
  }
  return output_(attended.transpose(1, 2).flatten(2));
}

}  // namespace earshot::nn
