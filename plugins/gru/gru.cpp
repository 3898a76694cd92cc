// gru: a small text encoder, trained from scratch: word embeddings, one gated recurrent layer (Cho et al. 2014), then
// its last state beside its largest values over the sentence. The order of words counts: "an owl, then a dog".
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/layers.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

struct Options {
  std::int64_t width = 128;
  std::int64_t dim = 512;
  double dropout = 0.1;
};

// Words of a hashed vocabulary, and the first three letters of each.
text::Tokeniser tokeniser() { return {}; }

class GruEncoder final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("gru", /*algorithm=*/1, "a small recurrent text encoder, trained from scratch")
        .option(&Options::width, "width", range(4, 4096), "of a word's embedding")
        .option(&Options::dim, "dim", range(8, 4096), "width of the sentence's embedding; even")
        .option(&Options::dropout, "dropout", range(0, 0.9), "of word embeddings, in training")
        .input<Tokens>("tokens", constant_fact("tokeniser", tokeniser().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "dim"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<GruEncoder>> create(const Options& options, const Setup& setup) {
    if (options.dim % 2 != 0)
      return Error{ErrorCode::kInvalidArgument, "gru: dim = " + std::to_string(options.dim) +
                                                    " is odd; the last state and the maximum take half each"};
    return start<GruEncoder>(setup, options);
  }

  GruEncoder(const Setup& setup, const Options& options)
      : Encoder(setup, {.dim = options.dim}),
        dropout_(options.dropout),
        // U(-sqrt(3), sqrt(3)): variance 1.
        words_(weights_.parameter("words.weight", std::array<std::int64_t, 2>{tokeniser().vocabulary, options.width},
                                  nn::uniform_fan_in(1))),
        gru_(weights_, "gru", options.width, options.dim / 2, /*bidirectional=*/false) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("tokens");
    return encode(rows, nn::sentences<Tokens>(rows), tokeniser().pad, context);
  }

 private:
  // [row, token] -> [row, dim]. What stands behind a sentence's end changes nothing: the layer runs forwards only, and
  // padding is left out of the maximum.
  [[nodiscard]] at::Tensor forward(const at::Tensor& ids, const nn::Draws& draws) const override {
    const at::Tensor embedded = nn::dropout(at::embedding(words_, ids), dropout_, draws, "dropout");
    const at::Tensor states = gru_(embedded);  // [row, token, dim / 2]
    const at::Tensor padding = ids.eq(tokeniser().pad);
    const at::Tensor last = padding.logical_not().sum(1).sub(1).clamp_min(0);
    const at::Tensor index = last.view({-1, 1, 1}).expand({-1, 1, states.size(2)});
    constexpr double kBelowAll = -2;  // states lie in (-1, 1)
    const at::Tensor largest = at::amax(states.masked_fill(padding.unsqueeze(2), kBelowAll), 1);
    return at::cat({states.gather(1, index).squeeze(1), largest}, 1);
  }

  double dropout_;
  at::Tensor words_;
  nn::Gru gru_;
};

}  // namespace

EARSHOT_PLUGIN(GruEncoder)
