// safetensors: named tensors as bytes. The form in which weights and optimiser states are kept.
//
// u64 header length (little-endian), a JSON header {name: {dtype, shape, data_offsets}}, then the values, row-major,
// little-endian, without holes. Written in the order of names, so that equal tensors give equal bytes.
// Source: huggingface/safetensors, README "Format". Pure functions, safe from any thread; no LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::nn {

// A float32 tensor; rank 0 is one number.
struct StoredTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // as many as the product of the shape

  friend bool operator==(const StoredTensor&, const StoredTensor&) = default;
};

using StoredTensors = std::map<std::string, StoredTensor, std::less<>>;

// A tensor as it lies in the bytes of a file, not owned: valid as long as those are.
struct TensorView {
  std::string name;
  std::string dtype;  // as the format writes it: "F32"
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  // as many as dtype and shape need

  [[nodiscard]] std::size_t count() const;  // of values: the product of the shape
};

// Every tensor, by name; nothing is copied. A tensor may be of any dtype of the format.
// Errors: kCorruptInput saying which rule of the format is broken, kUnsupported for a dtype that the format has not.
Result<std::vector<TensorView>> list_safetensors(std::span<const std::byte> bytes);

// Whether the values are floating-point numbers that become float32: F32, F64, F16 or BF16.
bool is_floating(const TensorView& tensor) noexcept;
// Values as float32, each one into `values`. Preconditions: is_floating(tensor); values.size() == tensor.count().
void copy_values(const TensorView& tensor, std::span<float> values);

// What stands before the values of float32 tensors of these shapes, by name: values follow in the same order.
std::string safetensors_head(const std::map<std::string, std::vector<std::int64_t>>& shapes);
std::vector<std::byte> write_safetensors(const StoredTensors& tensors);

// Floating-point values become float32. Every size is checked against the bytes that are there before memory is taken.
// Errors: those of list_safetensors(), and kUnsupported for a tensor of whole numbers.
Result<StoredTensors> read_safetensors(std::span<const std::byte> bytes);

// The mean of several tensors, value by value, summed in float64. Preconditions: at least one; all are float32 and have
// as many values as `mean`.
void mean_values(std::span<const TensorView* const> several, std::span<float> mean);

}  // namespace earshot::nn
