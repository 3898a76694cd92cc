// beats: BEATs (Chen et al. 2023), an audio transformer pre-trained by acoustic tokens. Self-supervised and fine-tuned
// files alike: the embedding is taken before the predictor. Source: microsoft/unilm, beats/BEATs.py.
#include "earshot/nn/beats.h"

#include <memory>
#include <string>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"

namespace {
using namespace earshot;

// Attention keeps [head, token, token] floats a clip: 0.4 GB at a minute.
constexpr nn::FeatureRange kRange{.bands = 128, .fewest_frames = nn::Patches::kSide, .most_frames = 6144};

struct Options {
  std::string weights = "beats-finetuned";
  std::string pooling = "mean";
  double dropout = 0;
  double attention_dropout = 0;
  double layer_drop = 0.05;
  std::int64_t chunk = 0;
  std::int64_t depth = 12;
  std::int64_t width = 768;
};

class BeatsEncoder final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("beats", /*algorithm=*/1, "BEATs, an audio transformer pre-trained on AudioSet")
        .option(&Options::weights, "weights", "\"random\", a name of data/weights.toml, or a safetensors file")
        .option(&Options::pooling, "pooling", choices({"mean", "first"}), "mean over tokens, or the first of them")
        .option(&Options::dropout, "dropout", range(0, 0.9), "of each part's output, in training")
        .option(&Options::attention_dropout, "attention_dropout", range(0, 0.9), "of attention weights, in training")
        .option(&Options::layer_drop, "layer_drop", range(0, 0.9), "chance of a block to be left out in training")
        .option(&Options::chunk, "chunk", range(0, 65536), no_effect(),
                "clips whose activations exist at a time in training; 0: all")
        .option(&Options::depth, "depth", range(1, 48), "blocks; 12 in the published files")
        .option(&Options::width, "width", range(64, 4096), "of a token and of the embedding; a multiple of 64")
        .input<Mel>("mel", constant_fact("sample_rate", "16000"),
                    constant_fact("front_end", audio::FrontEnd::beats().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "width"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<BeatsEncoder>> create(const Options& options, const Setup& setup) {
    if (options.width % 64 != 0)
      return Error{ErrorCode::kInvalidArgument,
                   "beats: width = " + std::to_string(options.width) + " is no multiple of 64, the size of a head"};
    return start_with<BeatsEncoder>(options.weights, nn::Beats::keys({}), setup, options);
  }

  static Result<WeightsInfo> weights(const Options& options) { return nn::weights_info(options.weights); }

  BeatsEncoder(const Setup& setup, nn::Loading* loading, const Options& options)
      : Encoder(setup, {.dim = options.width, .chunk = options.chunk}, loading),
        first_(options.pooling == "first"),
        network_(weights_, {.depth = options.depth,
                            .width = options.width,
                            .dropout = options.dropout,
                            .attention_dropout = options.attention_dropout,
                            .layer_drop = options.layer_drop}) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), kRange, context);
  }

 private:
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    const at::Tensor tokens = network_(mel, draws);
    return first_ ? tokens.select(1, 0) : tokens.mean(1);
  }

  bool first_;
  nn::Beats network_;
};

}  // namespace

EARSHOT_PLUGIN(BeatsEncoder)
