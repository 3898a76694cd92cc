// mask: hides tokens from the text encoder in training. Each ordinary token becomes the mask id with one probability,
// independently; start, end and padding never. Source: Munakata et al., DCASE 2024 task 8, token masking at 10 %.
#include <cstdint>
#include <memory>
#include <utility>

#include "earshot/contract/plugin.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

struct Options {
  double probability = 0.1;
};

class Mask final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("mask", /*algorithm=*/1, "replaces random tokens by the mask token, in training only")
        .option(&Options::probability, "probability", range(0, 1), "with which a token is replaced")
        .input<Tokens>("tokens")
        .output<Tokens>("tokens", same_facts_as("tokens"))
        .random();
  }

  static Result<std::unique_ptr<Mask>> create(const Options& options, const Setup& setup) {
    Result<text::Tokeniser> tokeniser = text::Tokeniser::parse(setup.fact("tokens", "tokeniser"));
    if (!tokeniser) return std::move(tokeniser).error();
    if (tokeniser->mask < 0)
      return Error{ErrorCode::kInvalidArgument,
                   "mask: the tokeniser has no mask token (mask=-1); leave the stage out or bypass it"};
    return std::make_unique<Mask>(options);
  }
  explicit Mask(const Options& options) : probability_(options.probability) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    Outputs outputs;
    if (!context.training) {
      outputs.add(inputs.pointer("tokens"));
      return outputs;
    }
    Tokens masked = inputs.get<Tokens>("tokens");
    Random random = context.random("mask");
    for (std::int32_t& id : masked.ids())
      if (!masked.tokeniser().is_special(id) && random.uniform() < probability_) id = masked.tokeniser().mask;
    outputs.add(std::move(masked));
    return outputs;
  }

 private:
  double probability_;
};

}  // namespace

EARSHOT_PLUGIN(Mask)
