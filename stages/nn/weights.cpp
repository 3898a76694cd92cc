#include "earshot/nn/weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include "earshot/contract/random.h"
#include "earshot/nn/stored.h"

namespace earshot::nn {

Initial uniform_fan_in(std::int64_t fan_in, double gain) {
  return {Initial::Kind::kUniform, gain * std::sqrt(3.0 / static_cast<double>(fan_in))};
}

Weights::Weights(const Setup& setup, Loading* loading)
    : device_(setup.device), stage_(setup.stage), seed_(setup.seed), trainable_(setup.trainable), loading_(loading) {}

at::Tensor Weights::parameter(std::string name, std::span<const std::int64_t> shape, const Initial& initial) {
  const at::IntArrayRef sizes(shape.data(), shape.size());
  // What the files do not have takes no memory: the stage is never used, finish() says why.
  const bool absent = loading_ != nullptr && !loading_->fits(name, shape);
  at::Tensor tensor = absent                ? at::empty({0}, at::kFloat)
                      : loading_ != nullptr ? at::empty(sizes, at::kFloat)
                                            : at::full(sizes, initial.value, at::kFloat);
  if (loading_ != nullptr) {
    loading_->take(name, shape, values_of(tensor));
  } else if (initial.kind == Initial::Kind::kUniform) {
    Random random(seed_, hash_name(stage_), name);
    random.uniform(-initial.value, initial.value, values_of(tensor));
  }
  tensor = tensor.to(device_).requires_grad_(trainable_);
  parameters_.push_back({std::move(name), tensor});
  return tensor;
}

at::Tensor Weights::buffer(std::string name, std::span<const std::int64_t> shape, std::span<const float> values) {
  at::Tensor tensor = at::empty(at::IntArrayRef(shape.data(), shape.size()), at::kFloat);
  std::ranges::copy(values, values_of(tensor).begin());
  if (loading_ != nullptr) loading_->take(name, tensor.sizes(), values_of(tensor));
  tensor = tensor.to(device_);
  buffers_.push_back({std::move(name), tensor});
  return tensor;
}

std::vector<NamedTensor> Weights::everything() const {
  std::vector<NamedTensor> all = parameters_;
  all.insert(all.end(), buffers_.begin(), buffers_.end());
  return all;
}

Status Weights::save(Scope /*scope*/, const ByteSink& sink) const { return save_tensors(everything(), sink); }

Status Weights::load(std::span<const std::byte> bytes, Scope /*scope*/) {
  const Result<std::vector<TensorView>> stored = list_safetensors(bytes);
  return stored.ok() ? restore(*stored, everything()) : Status(stored.error());
}

Status Weights::load_mean(std::span<const std::span<const std::byte>> saved) {
  std::vector<std::vector<TensorView>> several;
  for (const std::span<const std::byte> bytes : saved) {
    Result<std::vector<TensorView>> stored = list_safetensors(bytes);
    if (!stored.ok()) return std::move(stored).error();
    several.push_back(std::move(stored).value());
  }
  return restore_mean(several, everything());
}

std::string Weights::first_non_finite() const {
  for (const NamedTensor& one : everything())
    if (!all_finite(values_of(one.tensor.detach().cpu()))) return one.name;
  return {};
}

}  // namespace earshot::nn
