// Gradient cache: a network over a batch of which only a chunk's activations exist at a time. The forward pass keeps
// none; the backward pass computes each chunk again, with the same draws, and adds its gradients to the parameters.
// Source: Gao et al. 2021, "Scaling deep contrastive learning batch size under memory limited setup"; Chen et al. 2016.
#pragma once

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace earshot::nn {

// The network over some rows: [row, ...] -> [row, dim]; `first_row` is the place of row 0 in the batch. Called again in
// the backward pass, so it owns what it needs and gives the same values each time; no row depends on another.
using RowsNetwork = std::function<at::Tensor(const at::Tensor& rows, std::int64_t first_row)>;

// network(input, 0), computed `chunk` rows at a time. Gradients reach leaf tensors inside the network, not `input`, and
// are those of the plain call but for rounding. Without gradients, or with one chunk, it is the plain call.
// Precondition: chunk >= 0; 0: one chunk.
at::Tensor in_chunks(const at::Tensor& input, std::int64_t chunk, RowsNetwork network);

}  // namespace earshot::nn
