#include "earshot/nn/gradient_cache.h"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

namespace earshot::nn {
namespace {

using torch::autograd::variable_list;

// Computes the chunks again when the gradient of the whole output is known.
class Recompute final : public torch::autograd::Node {
 public:
  Recompute(at::Tensor input, std::int64_t chunk, RowsNetwork network)
      : input_(std::move(input)), chunk_(chunk), network_(std::move(network)) {}

  variable_list apply(variable_list&& gradients) override {
    const at::Tensor gradient = std::move(gradients).front();
    if (!gradient.defined()) return {};
    const at::AutoGradMode on(true);
    for (std::int64_t first = 0; first < input_.size(0); first += chunk_) {
      const std::int64_t rows = std::min(chunk_, input_.size(0) - first);
      const at::Tensor output = network_(input_.narrow(0, first, rows), first);
      if (output.requires_grad()) output.backward(gradient.narrow(0, first, rows));
    }
    return {};
  }
  void release_variables() override {
    input_.reset();
    network_ = nullptr;
  }

 private:
  at::Tensor input_;
  std::int64_t chunk_;
  RowsNetwork network_;
};

// As LibTorch holds its nodes: std::shared_ptr before 2.13, c10::intrusive_ptr since.
template <class Node, class Pointer = decltype(torch::autograd::Edge::function), class... Arguments>
Pointer make_node(Arguments&&... arguments) {
  if constexpr (std::is_same_v<Pointer, std::shared_ptr<torch::autograd::Node>>)
    return std::make_shared<Node>(std::forward<Arguments>(arguments)...);
  else
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
}

}  // namespace

at::Tensor in_chunks(const at::Tensor& input, std::int64_t chunk, RowsNetwork network) {
  if (chunk == 0 || chunk >= input.size(0) || !at::GradMode::is_enabled()) return network(input, 0);
  std::vector<at::Tensor> parts;
  {
    const at::AutoGradMode off(false);
    for (std::int64_t first = 0; first < input.size(0); first += chunk)
      parts.push_back(network(input.narrow(0, first, std::min(chunk, input.size(0) - first)), first));
  }
  at::Tensor output = at::cat(parts);
  torch::autograd::create_gradient_edge(output, make_node<Recompute>(input, chunk, std::move(network)));
  return output;
}

}  // namespace earshot::nn
