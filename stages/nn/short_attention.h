// Attention of short sequences on the CPU, without gradients: a kernel of our own, because LibTorch's calls two
// products of matrices for each head of each row, which cost more than what they compute where tokens are few
// (tools/bench/encoders, MiniLM).
#pragma once

#include <ATen/core/Tensor.h>

namespace earshot::nn {

// Whether short_attention() takes these: float32 on the CPU, no gradients asked for, at most 64 tokens, heads of at
// most 64 values in multiples of 8.
bool is_short_attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values);

// softmax(q k^T scale + added) v, [row, head, token, size] each -> [row, token, head * size]. `added`: undefined, or
// expands to [row, head, query, key]. A row's result depends on nothing but the row. Precondition:
// is_short_attention(); no query has all keys hidden by -infinity.
at::Tensor short_attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                           const at::Tensor& added, double scale);

}  // namespace earshot::nn
