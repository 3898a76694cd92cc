// adam: descends the weighted sum of its losses. Kingma and Ba 2015, algorithm 1; with `decoupled`, AdamW of Loshchilov
// and Hutter 2019, algorithm 2. The rate warms up linearly and then follows a cosine. A loss or gradient that is not
// finite is refused before anything is updated.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/compute.h"
#include "earshot/nn/loss.h"
#include "earshot/nn/schedule.h"
#include "earshot/nn/stored.h"
#include "groups.h"
#include "moments.h"

namespace {
using namespace earshot;

struct Options {
  double lr = 1e-3;
  double floor = 0;
  double warm_up = 0.05;
  double weight_decay = 0;
  bool decoupled = false;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double clip = 0;
};

// The sum of squares of each gradient, in float64; all of them are on one device.
std::vector<double> squares_of(const std::vector<at::Tensor>& gradients) {
  std::vector<double> squares;
  if (gradients.empty()) return squares;
  if (!gradients.front().is_cpu()) {
    const at::Tensor lengths = at::stack(at::_foreach_norm(gradients, 2, at::kDouble)).cpu();
    for (std::int64_t i = 0; i < lengths.numel(); ++i)
      squares.push_back(std::pow(lengths.const_data_ptr<double>()[i], 2));
    return squares;
  }
  for (const at::Tensor& gradient : gradients) {
    double sum = 0;
    for (const float value : nn::values_of(gradient)) sum += static_cast<double>(value) * static_cast<double>(value);
    squares.push_back(sum);
  }
  return squares;
}

class Adam final : public Step {
 public:
  static auto contract() {
    return Contract<Options>("adam", /*algorithm=*/1, "updates everything upstream that trains, by Adam or AdamW")
        .option(&Options::lr, "lr", range(0, 10), "learning rate at its peak")
        .option(&Options::floor, "floor", range(0, 10), "learning rate at the end of the run entry")
        .option(&Options::warm_up, "warm_up", range(0, 1), "share of the run entry's steps in which the rate rises")
        .option(&Options::weight_decay, "weight_decay", range(0, 10), "pulls parameters towards 0")
        .option(&Options::decoupled, "decoupled", "decay the parameters themselves (AdamW), not through the gradient")
        .option(&Options::beta1, "beta1", range(0, 0.9999999), "decay of the gradient's running mean")
        .option(&Options::beta2, "beta2", range(0, 0.9999999), "decay of the squared gradient's running mean")
        .option(&Options::epsilon, "epsilon", range(1e-16, 1), "added to the square root in the denominator")
        .option(&Options::clip, "clip", range(0, 1e9), "longest gradient over all parameters; 0: as long as it is")
        .input<Loss>("loss", many_wires())
        .numeric()
        .compute_lane()
        .wants(nn::kParametersCapability);
  }

  Adam(const Options& options, const Setup& setup)
      : options_(options), threads_(setup.compute_threads), groups_(setup.groups) {}

  State* state() override { return &moments_; }

  Status connect(std::span<const Connection> upstream) override {
    Result<std::vector<adam::Group>> trained = adam::assign(upstream, groups_, options_.lr, options_.weight_decay);
    if (!trained.ok()) return std::move(trained).error();
    return moments_.bind(std::move(trained).value());
  }

  Result<std::vector<Metric>> step(const BatchInputs& inputs, Context& context) override {
    Result<std::vector<Metric>> metrics = std::vector<Metric>{};
    const Status done = nn::compute(threads_, nn::Gradients::kOn, [&] { metrics = descend(inputs, context); });
    if (!done.ok()) return done.error();
    return metrics;
  }

 private:
  Result<std::vector<Metric>> descend(const BatchInputs& inputs, const Context& context) {
    at::Tensor root;
    double total = 0;
    for (const Row& row : inputs.rows("loss")) {
      const auto& loss = static_cast<const Loss&>(*row.payload);
      if (!std::isfinite(loss.value())) return not_finite("the loss is " + std::to_string(loss.value()));
      total += loss.weight() * loss.value();
      const at::Tensor weighted = loss.root().mul(loss.weight());
      root = root.defined() ? root.add(weighted) : weighted;
    }
    if (!root.defined()) return std::vector<Metric>{};
    for (const adam::Group& group : moments_.groups())
      for (const nn::NamedTensor& one : group.parameters) one.tensor.mutable_grad() = at::Tensor();
    if (root.requires_grad()) root.backward();
    const Result<double> length = gradient_length();
    if (!length.ok()) return length.error();
    const double rate = update(context, *length);
    return std::vector<Metric>{{.name = "loss", .value = total},
                               {.name = "learning_rate", .value = rate},
                               {.name = "gradient_norm", .value = *length}};
  }

  static Error not_finite(const std::string& what) {
    return {ErrorCode::kNonFinite, what + "; nothing was updated. Lower the learning rate, or look at the batch"};
  }

  // Length of the gradient over all parameters. Errors: kNonFinite naming the first parameter whose gradient is not
  // finite: only then is the sum of its squares in float64 not.
  Result<double> gradient_length() const {
    double all = 0;
    for (const adam::Group& group : moments_.groups()) {
      std::vector<std::string_view> names;
      std::vector<at::Tensor> gradients;
      for (const nn::NamedTensor& one : group.parameters)
        if (one.tensor.grad().defined()) {
          names.push_back(one.name);
          gradients.push_back(one.tensor.grad());
        }
      const std::vector<double> squares = squares_of(gradients);
      for (std::size_t i = 0; i < squares.size(); ++i) {
        if (!std::isfinite(squares[i]))
          return not_finite("the gradient of '" + std::string(names[i]) + "' holds NaN or infinity");
        all += squares[i];
      }
    }
    return std::sqrt(all);
  }

  // Returns the rate of parameters that are in no group with a rate of its own.
  double update(const Context& context, double gradient_length) {
    const at::AutoGradMode off(false);
    const auto rate_of = [&](double peak) {
      nn::CosineSchedule schedule{.peak = peak, .floor = std::min(options_.floor, peak)};
      schedule.total_steps = std::max<std::int64_t>(context.total_steps, 1);
      schedule.warm_up_steps = std::llround(options_.warm_up * static_cast<double>(schedule.total_steps));
      return nn::learning_rate(schedule, context.step);
    };
    const double scale = options_.clip > 0 && gradient_length > options_.clip ? options_.clip / gradient_length : 1;
    moments_.count_step();
    for (std::size_t i = 0; i < moments_.groups().size(); ++i)
      moments_.update(i, {.rate = rate_of(moments_.groups()[i].lr),
                          .beta1 = options_.beta1,
                          .beta2 = options_.beta2,
                          .epsilon = options_.epsilon,
                          .decoupled = options_.decoupled,
                          .gradient_scale = scale});
    return rate_of(options_.lr);
  }

  Options options_;
  int threads_;
  std::vector<ParameterGroup> groups_;
  adam::Moments moments_;
};

}  // namespace

EARSHOT_PLUGIN(Adam)
