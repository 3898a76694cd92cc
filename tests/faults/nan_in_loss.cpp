// nan_in_loss: passes a loss on and makes its value NaN at one step, for the tests of what the engine does then.
#include <cstdint>
#include <limits>
#include <memory>

#include "earshot/contract/plugin.h"
#include "earshot/nn/loss.h"

namespace {
using namespace earshot;

struct Options {
  std::int64_t step = 0;
};

class NanInLoss final : public BatchMap {
 public:
  static auto contract() {
    return Contract<Options>("nan_in_loss", /*algorithm=*/1, "makes the loss of one step NaN")
        .option(&Options::step, "step", "steps done before")
        .input<Loss>("loss", many_wires())
        .output<Loss>("loss")
        .numeric()
        .compute_lane();
  }
  NanInLoss(const Options& options, const Setup&) : step_(options.step) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    BatchOutputs outputs;
    outputs.ports.resize(1);
    for (Row row : inputs.rows("loss")) {
      const auto& loss = static_cast<const Loss&>(*row.payload);
      if (context.step == step_)
        row.payload =
            std::make_shared<const Loss>(std::numeric_limits<double>::quiet_NaN(), loss.root(), loss.weight());
      outputs.ports[0].push_back(std::move(row));
    }
    return outputs;
  }

 private:
  std::int64_t step_;
};

}  // namespace

EARSHOT_PLUGIN(NanInLoss)
