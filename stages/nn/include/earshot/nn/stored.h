// Between LibTorch's tensors and stored ones. Tensors are float32, contiguous and on the CPU unless said otherwise.
#pragma once

#include <span>
#include <vector>

#include "earshot/contract/byte_sink.h"
#include "earshot/nn/parameters.h"
#include "earshot/nn/safetensors.h"

namespace earshot::nn {

// The values of a float32, contiguous CPU tensor, in place; valid while its storage lives.
std::span<float> values_of(const at::Tensor& tensor);

bool all_finite(std::span<const float> values) noexcept;

// A copy of any float tensor's values.
StoredTensor store(const at::Tensor& tensor);

// Puts `tensors` into `sink` as one safetensors file; the values of tensors on the CPU are not copied. Precondition:
// names are unique. Errors: those of `sink`.
Status save_tensors(std::span<const NamedTensor> tensors, const ByteSink& sink);

// Copies `stored`, float32 as save_tensors() leaves it, into `tensors`, in place. Errors: kInvalidArgument naming the
// tensor that is missing, of another shape or type, or how many are too many; then nothing was changed.
Status restore(std::span<const TensorView> stored, std::span<const NamedTensor> tensors);
// The same with the mean of several, value by value, summed in float64; also kInvalidArgument where there are none.
Status restore_mean(std::span<const std::vector<TensorView>> several, std::span<const NamedTensor> tensors);

}  // namespace earshot::nn
