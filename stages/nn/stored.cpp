#include "earshot/nn/stored.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

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

Status save_tensors(std::span<const NamedTensor> tensors, const ByteSink& sink) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  std::map<std::string_view, const at::Tensor*> by_name;
  for (const NamedTensor& one : tensors) {
    shapes.emplace(one.name, one.tensor.sizes().vec());
    by_name.emplace(one.name, &one.tensor);
  }
  if (Status head = sink(std::as_bytes(std::span<const char>(safetensors_head(shapes)))); !head.ok()) return head;
  for (const auto& [name, tensor] : by_name) {
    const at::Tensor plain = tensor->detach().to(at::kCPU, at::kFloat).contiguous();
    if (Status values = sink(std::as_bytes(values_of(plain))); !values.ok()) return values;
  }
  return {};
}

namespace {

using Views = std::map<std::string_view, const TensorView*>;

Result<Views> fitting(std::span<const TensorView> stored, std::span<const NamedTensor> tensors) {
  Views views;
  for (const TensorView& one : stored) views.emplace(one.name, &one);
  for (const NamedTensor& one : tensors) {
    const auto found = views.find(one.name);
    if (found == views.end())
      return Error{ErrorCode::kInvalidArgument, "the weights have no tensor '" + one.name + "'"};
    if (one.tensor.sizes() != at::IntArrayRef(found->second->shape))
      return Error{ErrorCode::kInvalidArgument, "tensor '" + one.name + "' of the weights has shape " +
                                                    shape_text(found->second->shape) + ", expected " +
                                                    shape_text(one.tensor.sizes())};
    if (found->second->dtype != "F32")
      return Error{ErrorCode::kInvalidArgument,
                   "tensor '" + one.name + "' of the weights has dtype " + found->second->dtype + ", expected F32"};
  }
  if (stored.size() != tensors.size())
    return Error{ErrorCode::kInvalidArgument, "the weights have " + std::to_string(stored.size()) +
                                                  " tensors, expected " + std::to_string(tensors.size())};
  return views;
}

// Lets `fill` write the values of `tensor`, wherever it is.
template <class Fill>
void replace_values(const at::Tensor& tensor, const Fill& fill) {
  const at::Tensor here = tensor.detach().cpu();
  fill(values_of(here));
  if (!tensor.is_cpu()) tensor.detach().copy_(here);
  tensor.unsafeGetTensorImpl()->bump_version();  // values were written behind LibTorch's back
}

}  // namespace

Status restore(std::span<const TensorView> stored, std::span<const NamedTensor> tensors) {
  const Result<Views> views = fitting(stored, tensors);
  if (!views.ok()) return views.error();
  for (const NamedTensor& one : tensors)
    replace_values(one.tensor, [&](std::span<float> values) { copy_values(*views->at(one.name), values); });
  return {};
}

Status restore_mean(std::span<const std::vector<TensorView>> several, std::span<const NamedTensor> tensors) {
  if (several.empty()) return Error{ErrorCode::kInvalidArgument, "there are no weights to average"};
  std::vector<Views> all;
  for (const std::vector<TensorView>& stored : several) {
    Result<Views> views = fitting(stored, tensors);
    if (!views.ok()) return std::move(views).error();
    all.push_back(std::move(views).value());
  }
  for (const NamedTensor& one : tensors) {
    std::vector<const TensorView*> places;
    for (const Views& views : all) places.push_back(views.at(one.name));
    replace_values(one.tensor, [&](std::span<float> values) { mean_values(places, values); });
  }
  return {};
}

}  // namespace earshot::nn
