// Transformer blocks: self-attention and a perceptron, each with a residual and a norm before (Xiong et al. 2020) or
// after (Vaswani et al. 2017). Parameter names are the caller's. Compute lane only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "earshot/nn/activation.h"
#include "earshot/nn/attention.h"
#include "earshot/nn/layers.h"

namespace earshot::nn {

// Without gradients `input` itself is changed: nobody else reads what a layer has just made, and memory costs more than
// the arithmetic.
at::Tensor activate(at::Tensor input, Activation activation);

// out(f(in x)), or with a gate out(f(in x) * gate x) (Shazeer 2020).
class Mlp {
 public:
  struct Shape {
    std::int64_t width = 0;
    std::int64_t hidden = 0;
    Activation activation = Activation::kGelu;
    Linear::Bias bias = Linear::Bias::kAdded;
    double dropout = 0;  // of the hidden layer, in training
  };
  struct Names {
    std::string in;
    std::string out;
    std::string gate;  // empty: none
  };
  Mlp(Weights& weights, const Names& names, const Shape& shape);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input, const Draws& draws) const;

 private:
  Activation activation_;
  double dropout_;
  std::string name_;  // of its draws
  Linear in_;
  Linear out_;
  std::optional<Linear> gate_;
};

class TransformerBlock {
 public:
  struct Shape {
    SelfAttention::Shape attention;
    Mlp::Shape mlp;
    bool norm_first = true;
    Norm::Kind norm = Norm::Kind::kLayer;
    double norm_epsilon = 1e-5;
    double residual = 1;  // what the input is multiplied by before a part's output is added; DeepNorm's alpha
    double dropout = 0;   // of both parts' outputs, in training
  };
  struct Names {
    SelfAttention::Names attention;
    std::string attention_norm;
    Mlp::Names mlp;
    std::string mlp_norm;
  };
  TransformerBlock(Weights& weights, const Names& names, const Shape& shape);

  // [row, token, width] -> [row, token, width]. With residual a: x = a x + attention(norm x), then x = a x + mlp(norm
  // x); with the norm after: x = norm(a x + attention(x)), then x = norm(a x + mlp(x)).
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input, const AttentionBias& bias, const Draws& draws) const;

 private:
  bool norm_first_;
  double residual_;
  double dropout_;
  std::string name_;  // of its draws
  SelfAttention attention_;
  Norm attention_norm_;
  Mlp mlp_;
  Norm mlp_norm_;
};

// The block that timm's vision transformers have, under `prefix` ("blocks.0."): norm first, one Linear for q, k and v,
// a perceptron of four times the width. PaSST and CAV-MAE are made of it.
TransformerBlock::Names vision_block_names(const std::string& prefix);
TransformerBlock::Shape vision_block(std::int64_t width, std::int64_t heads, double norm_epsilon);

// The mean over tokens, [row, token, width] -> [row, width]; with `kept` [row, token] of those where it is true:
// sum(x m) / max(sum(m), 1e-9), as sentence-transformers does.
at::Tensor mean_over_tokens(const at::Tensor& tokens, const at::Tensor& kept = {});

}  // namespace earshot::nn
