// Multi-head self-attention and what is added to its scores. Parameter names are the caller's, so that they can be
// those of published files. Compute lane only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/nn/layers.h"

namespace earshot::nn {

// Added to the scores before the softmax; undefined tensors add nothing.
struct AttentionBias {
  at::Tensor position;  // [head, query, key]
  at::Tensor padding;   // [row, 1, 1, key]: 0, or -infinity where a key is hidden from all queries
};

// AttentionBias::padding of `hidden` [row, key], true where a key is padding. Precondition: no row is hidden whole.
at::Tensor padding_bias(const at::Tensor& hidden);

// The bucket of each distance key - query, [query, key] int64. With h = buckets / 2, e = h / 2 and a = |key - query|:
//     (key > query ? h : 0) + (a < e ? a : min(h - 1, e + floor(ln(a / e) / ln(max_distance / e) * (h - e))))
// Source: T5 (Raffel et al. 2020), bidirectional; BEATs and MPNet use the same.
at::Tensor relative_buckets(std::int64_t tokens, std::int64_t buckets, std::int64_t max_distance);

class SelfAttention {
 public:
  struct Shape {
    std::int64_t width = 0;
    std::int64_t heads = 1;
    std::int64_t head_size = 0;   // 0: width / heads
    std::optional<double> scale;  // of q k^T; head_size^-1/2 where it is not given
    Linear::Bias bias = Linear::Bias::kAdded;
    double dropout = 0;  // of attention weights, in training
  };
  struct Names {
    std::vector<std::string> inputs;  // one Linear whose rows are q, k, v, or three
    std::string output;
    std::string gate;  // "PREFIX." of grep_linear and grep_a; empty: the position bias is not gated
  };
  SelfAttention(Weights& weights, const Names& names, const Shape& shape);

  // softmax(q k^T scale + bias) v over heads, then the output layer (Vaswani et al. 2017, eq. 1): [row, token, width]
  // -> [row, token, width].
  [[nodiscard]] at::Tensor operator()(const at::Tensor& input, const AttentionBias& bias, const Draws& draws) const;

 private:
  [[nodiscard]] at::Tensor gated(const at::Tensor& queries, const at::Tensor& position) const;

  Shape shape_;
  std::string name_;  // of its draws
  std::vector<Linear> inputs_;
  Linear output_;
  std::optional<Linear> gate_;
  at::Tensor gate_scale_;  // [1, head, 1, 1]
};

}  // namespace earshot::nn
