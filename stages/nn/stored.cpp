#include "earshot/nn/stored.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

namespace earshot::nn {
namespace {

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

}  // namespace

std::span<float> values_of(const at::Tensor& tensor) {
  return {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

bool all_finite(std::span<const float> values) noexcept {
  // IEEE 754: infinities and NaN are the values whose exponent bits are all set.
  constexpr std::uint32_t kExponent = 0x7F800000;
  bool finite = true;
  for (const float value : values) finite &= (std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent;
  return finite;
}

StoredTensor store(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const std::span<const float> values = values_of(plain);
  return {plain.sizes().vec(), {values.begin(), values.end()}};
}

Status restore(const StoredTensors& stored, std::span<const NamedTensor> tensors) {
  for (const NamedTensor& one : tensors) {
    const auto found = stored.find(one.name);
    if (found == stored.end())
      return Error{ErrorCode::kInvalidArgument, "the weights have no tensor '" + one.name + "'"};
    if (one.tensor.sizes() != at::IntArrayRef(found->second.shape))
      return Error{ErrorCode::kInvalidArgument, "tensor '" + one.name + "' of the weights has shape " +
                                                    shape_text(found->second.shape) + ", expected " +
                                                    shape_text(one.tensor.sizes())};
  }
  if (stored.size() != tensors.size())
    return Error{ErrorCode::kInvalidArgument, "the weights have " + std::to_string(stored.size()) +
                                                  " tensors, expected " + std::to_string(tensors.size())};
  for (const NamedTensor& one : tensors) {
    const at::Tensor here = one.tensor.detach().cpu();
    std::ranges::copy(stored.find(one.name)->second.values, values_of(here).begin());
    if (!one.tensor.is_cpu()) one.tensor.detach().copy_(here);
  }
  return {};
}

}  // namespace earshot::nn
