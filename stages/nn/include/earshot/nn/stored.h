// Between LibTorch's tensors and stored ones. Tensors are float32, contiguous and on the CPU unless said otherwise.
#pragma once

#include <span>

#include "earshot/nn/parameters.h"
#include "earshot/nn/safetensors.h"

namespace earshot::nn {

// The values of a float32, contiguous CPU tensor, in place; valid while its storage lives.
std::span<float> values_of(const at::Tensor& tensor);

bool all_finite(std::span<const float> values) noexcept;

// A copy of any float tensor's values.
StoredTensor store(const at::Tensor& tensor);

// Copies `stored` into `tensors`, in place. Errors: kInvalidArgument naming the tensor that is missing, too many or of
// another shape; then nothing was changed.
Status restore(const StoredTensors& stored, std::span<const NamedTensor> tensors);

}  // namespace earshot::nn
