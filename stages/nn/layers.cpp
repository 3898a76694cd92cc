#include "earshot/nn/layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

namespace earshot::nn {
namespace {

using Extents = std::array<std::int64_t, 2>;

std::vector<float> filled(std::int64_t count, float value) {
  return std::vector<float>(static_cast<std::size_t>(count), value);
}

Initial uniform_within(double bound) { return {Initial::Kind::kUniform, bound}; }

// MKL, which at::linear() calls, has products tuned for Intel's processors; oneDNN's are faster on others
// (tools/bench/encoders).
bool is_processor_of_mkl() {
#ifdef __x86_64__
  return __builtin_cpu_is("intel") != 0;
#else
  return true;
#endif
}

// A product with a narrow side spends a noticeable part of its time on bringing the weights into oneDNN's own order
// (bench_encoders --only MiniLM): such weights, which are small, are kept in it as well.
constexpr std::int64_t kNarrow = 512;
constexpr std::int64_t kTypicalRows = 1024;  // the order must not depend on which rows come first

bool is_narrow(const at::Tensor& weight) { return std::min(weight.size(0), weight.size(1)) <= kNarrow; }

at::Tensor in_onednn_order(const at::Tensor& weight) {
  using Reorder = at::Tensor(const at::Tensor&, std::optional<c10::SymInt>);
  static const c10::TypedOperatorHandle<Reorder> kReorder =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_reorder_linear_weight", "").typed<Reorder>();
  return kReorder.call(weight, c10::SymInt(kTypicalRows));
}

// x W^T + b by oneDNN, without gradients.
at::Tensor onednn_linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  using Scalars = c10::List<std::optional<at::Scalar>>;
  using Product = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                             Scalars, std::optional<std::string_view>);
  static const c10::TypedOperatorHandle<Product> kProduct =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Product>();
  const auto added = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
  return kProduct.call(input, weight, added, "none", Scalars(), "");
}

}  // namespace

Linear::Linear(Weights& weights, const std::string& name, std::int64_t in, std::int64_t out, Bias bias) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight_ = weights.parameter(name + ".weight", Extents{out, in}, uniform_within(bound));
  if (bias == Bias::kAdded) bias_ = weights.parameter(name + ".bias", std::array{out}, uniform_within(bound));
}

at::Tensor Linear::operator()(const at::Tensor& input) const {
  // By what the layer is, not by what the pass is for: a frozen layer gives the same bits in every flow.
  static const bool kOneDnn = at::hasMKLDNN() && !is_processor_of_mkl();
  const bool frozen = !weight_.requires_grad() && !input.requires_grad();
  const bool plain = input.is_cpu() && input.scalar_type() == at::kFloat && input.numel() > 0 &&
                     !at::autocast::is_autocast_enabled(at::kCPU);
  if (!kOneDnn || !frozen || !plain) return at::linear(input, weight_, bias_);
  return onednn_linear(input, is_narrow(weight_) ? reordered_.of(weight_) : weight_, bias_);
}

const at::Tensor& Linear::Reordered::of(const at::Tensor& weight) {
  if (!tensor_.defined() || version_ != weight._version()) tensor_ = in_onednn_order(weight);
  version_ = weight._version();
  return tensor_;
}

Norm::Norm(Weights& weights, const std::string& name, std::int64_t width, double epsilon, Kind kind)
    : kind_(kind), epsilon_(epsilon), weight_(weights.parameter(name + ".weight", std::array{width}, constant(1))) {
  if (kind == Kind::kLayer) bias_ = weights.parameter(name + ".bias", std::array{width}, constant(0));
}

at::Tensor Norm::operator()(const at::Tensor& input) const {
  if (kind_ == Kind::kLayer) return at::layer_norm(input, weight_.sizes(), weight_, bias_, epsilon_);
  return input.mul(input.square().mean(-1, /*keepdim=*/true).add(epsilon_).rsqrt()).mul(weight_);
}

ConvBlock::ConvBlock(Weights& weights, const std::string& name, const Shape& shape)
    : shape_(shape),
      kernel_(weights.parameter(name + ".conv.weight", std::array<std::int64_t, 4>{shape.out, shape.in, 3, 3},
                                uniform_fan_in(shape.in * 9, std::sqrt(2.0)))),
      scale_(weights.parameter(name + ".norm.weight", std::array{shape.out}, constant(1))),
      shift_(weights.parameter(name + ".norm.bias", std::array{shape.out}, constant(0))),
      mean_(weights.buffer(name + ".norm.running_mean", std::array{shape.out}, filled(shape.out, 0))),
      variance_(weights.buffer(name + ".norm.running_var", std::array{shape.out}, filled(shape.out, 1))) {}

at::Tensor ConvBlock::operator()(const at::Tensor& input, bool training) const {
  constexpr double kMomentum = 0.1;
  constexpr double kEpsilon = 1e-5;
  const Extents stride{shape_.stride_bands, shape_.stride_frames};
  const at::Tensor convolved = at::conv2d(input, kernel_, /*bias=*/{}, stride, Extents{1, 1});
  return at::batch_norm(convolved, scale_, shift_, mean_, variance_, training, kMomentum, kEpsilon,
                        /*cudnn_enabled=*/false)
      .relu_();
}

Gru::Gru(Weights& weights, const std::string& name, std::int64_t in, std::int64_t state, bool bidirectional)
    : state_(state), bidirectional_(bidirectional) {
  const Initial initial = uniform_within(1 / std::sqrt(static_cast<double>(state)));
  for (const char* direction : {"_l0", "_l0_reverse"}) {
    const auto called = [&](const char* part) { return std::string(name).append(part).append(direction); };
    tensors_.push_back(weights.parameter(called(".weight_ih"), Extents{3 * state, in}, initial));
    tensors_.push_back(weights.parameter(called(".weight_hh"), Extents{3 * state, state}, initial));
    tensors_.push_back(weights.parameter(called(".bias_ih"), std::array{3 * state}, initial));
    tensors_.push_back(weights.parameter(called(".bias_hh"), std::array{3 * state}, initial));
    if (!bidirectional) break;
  }
}

at::Tensor Gru::operator()(const at::Tensor& input) const {
  const at::Tensor start = at::zeros({bidirectional_ ? 2 : 1, input.size(0), state_}, input.options());
  const bool train = at::GradMode::is_enabled();  // cuDNN keeps what a backward pass needs only then
  return std::get<0>(at::gru(input, start, tensors_, /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0, train,
                             bidirectional_, /*batch_first=*/true));
}

}  // namespace earshot::nn
