#include "earshot/nn/transformer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>

namespace earshot::nn {

at::Tensor activate(at::Tensor input, Activation activation) {
  const bool in_place = !at::GradMode::is_enabled();
  if (activation == Activation::kRelu) return in_place ? at::relu_(input) : at::relu(input);
  const char* const form = activation == Activation::kGeluTanh ? "tanh" : "none";
  return in_place ? at::gelu_(input, form) : at::gelu(input, form);
}

Mlp::Mlp(Weights& weights, const Names& names, const Shape& shape)
    : activation_(shape.activation),
      dropout_(shape.dropout),
      name_(names.in),
      in_(weights, names.in, shape.width, shape.hidden, shape.bias),
      out_(weights, names.out, shape.hidden, shape.width, shape.bias) {
  if (!names.gate.empty()) gate_.emplace(weights, names.gate, shape.width, shape.hidden, shape.bias);
}

at::Tensor Mlp::operator()(const at::Tensor& input, const Draws& draws) const {
  at::Tensor hidden = activate(in_(input), activation_);
  if (gate_) hidden = hidden.mul((*gate_)(input));
  return out_(dropout(hidden, dropout_, draws, name_ + ".hidden"));
}

TransformerBlock::TransformerBlock(Weights& weights, const Names& names, const Shape& shape)
    : norm_first_(shape.norm_first),
      residual_(shape.residual),
      dropout_(shape.dropout),
      name_(names.attention_norm),
      attention_(weights, names.attention, shape.attention),
      attention_norm_(weights, names.attention_norm, shape.attention.width, shape.norm_epsilon, shape.norm),
      mlp_(weights, names.mlp, shape.mlp),
      mlp_norm_(weights, names.mlp_norm, shape.mlp.width, shape.norm_epsilon, shape.norm) {}

at::Tensor TransformerBlock::operator()(const at::Tensor& input, const AttentionBias& bias, const Draws& draws) const {
  const auto plus_residual = [&](const at::Tensor& part, const at::Tensor& x) -> at::Tensor {
    const bool in_place = !at::GradMode::is_enabled() && part.scalar_type() == x.scalar_type();
    return in_place ? part.add_(x, residual_) : part.add(x, residual_);
  };
  const auto dropped = [&](const at::Tensor& part, const char* name) {
    return dropout(part, dropout_, draws, name_ + name);
  };
  if (norm_first_) {
    const at::Tensor x = plus_residual(dropped(attention_(attention_norm_(input), bias, draws), ".attention"), input);
    return plus_residual(dropped(mlp_(mlp_norm_(x), draws), ".mlp"), x);
  }
  const at::Tensor x = attention_norm_(plus_residual(dropped(attention_(input, bias, draws), ".attention"), input));
  return mlp_norm_(plus_residual(dropped(mlp_(x, draws), ".mlp"), x));
}

TransformerBlock::Names vision_block_names(const std::string& prefix) {
  return {.attention = {.inputs = {prefix + "attn.qkv"}, .output = prefix + "attn.proj"},
          .attention_norm = prefix + "norm1",
          .mlp = {.in = prefix + "mlp.fc1", .out = prefix + "mlp.fc2"},
          .mlp_norm = prefix + "norm2"};
}

TransformerBlock::Shape vision_block(std::int64_t width, std::int64_t heads, double norm_epsilon) {
  return {.attention = {.width = width, .heads = heads},
          .mlp = {.width = width, .hidden = 4 * width},
          .norm_epsilon = norm_epsilon};
}

at::Tensor mean_over_tokens(const at::Tensor& tokens, const at::Tensor& kept) {
  if (!kept.defined()) return tokens.mean(1);
  const at::Tensor mask = kept.to(tokens.scalar_type()).unsqueeze(-1);
  constexpr double kFewest = 1e-9;
  return tokens.mul(mask).sum(1).div(mask.sum(1).clamp_min(kFewest));
}

}  // namespace earshot::nn
