// adam: descends the weighted sum of its losses. Kingma and Ba 2015, algorithm 1; with `decoupled`, AdamW of Loshchilov
// and Hutter 2019, algorithm 2. The rate warms up linearly and then follows a cosine. A loss or gradient that is not
// finite is refused before anything is updated.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>

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

  // Length of the gradient over all parameters, in float64. Errors: kNonFinite naming the first parameter.
  Result<double> gradient_length() const {
    double squares = 0;
    for (const adam::Group& group : moments_.groups())
      for (const nn::NamedTensor& one : group.parameters) {
        if (!one.tensor.grad().defined()) continue;
        const std::span<const float> gradient = nn::values_of(one.tensor.grad());
        if (!nn::all_finite(gradient)) return not_finite("the gradient of '" + one.name + "' holds NaN or infinity");
        for (const float value : gradient) squares += static_cast<double>(value) * static_cast<double>(value);
      }
    return std::sqrt(squares);
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
