// nan_in_weight: a step that updates nothing but makes one value of one parameter NaN, for the tests of what the engine
// does then.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "earshot/contract/plugin.h"
#include "earshot/nn/loss.h"
#include "earshot/nn/parameters.h"
#include "earshot/nn/stored.h"

namespace {
using namespace earshot;

struct Options {
  std::string parameter;
  std::int64_t step = 0;
};

class NanInWeight final : public Step {
 public:
  static auto contract() {
    return Contract<Options>("nan_in_weight", /*algorithm=*/1, "makes one value of a parameter NaN")
        .option(&Options::parameter, "parameter", required(), "STAGE/PARAMETER")
        .option(&Options::step, "step", "steps done before")
        .input<Loss>("loss", many_wires())
        .numeric()
        .compute_lane()
        .wants(nn::kParametersCapability);
  }
  NanInWeight(const Options& options, const Setup&) : options_(options) {}

  Status connect(std::span<const Connection> upstream) override {
    for (const Connection& one : upstream)
      for (const nn::NamedTensor& parameter : static_cast<const nn::Parameters*>(one.capability)->parameters())
        if (one.stage + "/" + parameter.name == options_.parameter) target_ = parameter.tensor;
    if (target_.defined()) return {};
    return Error{ErrorCode::kInvalidArgument, "no parameter is called '" + options_.parameter + "'"};
  }

  Result<std::vector<Metric>> step(const BatchInputs& /*inputs*/, Context& context) override {
    if (context.step == options_.step) nn::values_of(target_)[0] = std::numeric_limits<float>::quiet_NaN();
    return std::vector<Metric>{};
  }

 private:
  Options options_;
  at::Tensor target_;
};

}  // namespace

EARSHOT_PLUGIN(NanInWeight)
