#include "moments.h"

#include <optional>
#include <utility>

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "earshot/nn/stored.h"

namespace earshot::adam {
namespace {

constexpr const char* kSteps = "steps";

}  // namespace

Status Moments::bind(std::vector<Group> groups) {
  bound_ = true;
  groups_ = std::move(groups);
  names_.clear();
  means_.clear();
  squares_.clear();
  for (const Group& group : groups_)
    for (const nn::NamedTensor& one : group.parameters) {
      names_.push_back(one.name);
      means_.push_back(at::zeros_like(one.tensor.detach()));
      squares_.push_back(at::zeros_like(one.tensor.detach()));
    }
  return loaded_.empty() ? Status() : take(std::exchange(loaded_, {}));
}

void Moments::update(std::size_t index, const Update& update) {
  std::size_t at = 0;
  for (std::size_t before = 0; before < index; ++before) at += groups_[before].parameters.size();
  std::vector<at::Tensor> values;
  std::vector<at::Tensor> gradients;
  std::vector<at::Tensor> means;
  std::vector<at::Tensor> squares;
  for (const nn::NamedTensor& one : groups_[index].parameters) {
    if (one.tensor.grad().defined()) {
      values.push_back(one.tensor);
      gradients.push_back(one.tensor.grad());
      means.push_back(means_[at]);
      squares.push_back(squares_[at]);
    }
    ++at;
  }
  if (values.empty()) return;
  if (update.gradient_scale != 1) at::_foreach_mul_(gradients, update.gradient_scale);
  const at::TensorOptions options = values.front().options();
  const std::vector<at::Tensor> steps(values.size(), at::full({}, static_cast<double>(steps_), options));
  const double decay = groups_[index].weight_decay;
  const auto apply = [&](auto&& fused) {
    fused(values, gradients, means, squares, /*max_exp_avg_sqs=*/at::TensorList(), steps, update.rate, update.beta1,
          update.beta2, decay, update.epsilon, /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/std::nullopt,
          /*found_inf=*/std::nullopt);
  };
  if (update.decoupled)
    apply([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
  else
    apply([](auto&&... arguments) { at::_fused_adam_(arguments...); });
}

std::vector<nn::NamedTensor> Moments::everything() const {
  std::vector<nn::NamedTensor> all;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    all.push_back({names_[i] + ".mean", means_[i]});
    all.push_back({names_[i] + ".square", squares_[i]});
  }
  return all;
}

Status Moments::save(Scope scope, const ByteSink& sink) const {
  if (scope == Scope::kWeights) return {};
  std::vector<nn::NamedTensor> all = everything();
  all.push_back({kSteps, at::full({}, static_cast<double>(steps_), at::kFloat)});  // exact up to 2^24
  return nn::save_tensors(all, sink);
}

Status Moments::load(std::span<const std::byte> bytes, Scope scope) {
  if (scope == Scope::kWeights) return {};
  if (bound_) return take(bytes);
  loaded_.assign(bytes.begin(), bytes.end());
  return {};
}

Status Moments::take(std::span<const std::byte> bytes) {
  const Result<std::vector<nn::TensorView>> stored = nn::list_safetensors(bytes);
  if (!stored.ok()) return stored.error();
  std::vector<nn::NamedTensor> all = everything();
  all.push_back({kSteps, at::zeros({}, at::kFloat)});
  if (Status restored = nn::restore(*stored, all); !restored.ok()) return restored;
  steps_ = static_cast<std::int64_t>(nn::values_of(all.back().tensor)[0]);
  return {};
}

Status Moments::load_mean(std::span<const std::span<const std::byte>> /*saved*/) { return {}; }

std::string Moments::first_non_finite() const {
  for (const nn::NamedTensor& one : everything())
    if (!nn::all_finite(nn::values_of(one.tensor.cpu()))) return one.name;
  return {};
}

}  // namespace earshot::adam
