// cavmae: the audio branch of CAV-MAE (Gong et al. 2023, "Contrastive audio-visual masked autoencoder"): blocks of its
// own, then one that it shares with pictures. Source: YuanGongND/cav-mae, src/models/cav_mae.py, forward_feat.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/constant_pad_nd.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/patches.h"
#include "earshot/nn/transformer.h"

namespace {
using namespace earshot;

constexpr std::int64_t kMels = 128;
constexpr std::int64_t kFrames = 1024;
constexpr std::int64_t kRows = kMels / nn::Patches::kSide;
constexpr std::int64_t kColumns = kFrames / nn::Patches::kSide;
constexpr std::int64_t kHeadSize = 64;
constexpr double kNormEpsilon = 1e-5;

// What pictures, the decoder and fine-tuning need, and norms that sound does not use.
nn::KeyRules keys(std::int64_t depth) {
  nn::KeyRules rules{.prefixes = {"module."},
                     .endings = {},
                     .ignored = {"norm.", "norm_v.", "patch_embed_v.", "pos_embed_v", "modality_v", "blocks_v.",
                                 "mask_token", "decoder_", "mlp_head", "cls_token", "blocks_u.0.norm1.",
                                 "blocks_u.0.norm2.", "blocks_u.0.norm1_v.", "blocks_u.0.norm2_v."}};
  for (std::int64_t i = 0; i < depth; ++i)
    for (const char* norm : {"norm1_a.", "norm1_v.", "norm2_a.", "norm2_v."})
      rules.ignored.push_back("blocks_a." + std::to_string(i) + "." + norm);
  return rules;
}

struct Options {
  std::string weights = "cavmae-scale-plus-plus";
  std::string pooling = "mean";
  std::int64_t chunk = 0;
  std::int64_t depth = 11;
  std::int64_t width = 768;
};

// [1, token, width] for token = row * columns + column: sin and cos of column * w_i, then of row * w_i, with
// w_i = 10000^(-i / (width / 4)), a quarter of the width each (He et al. 2022, get_2d_sincos_pos_embed).
std::vector<float> position_table(std::int64_t width) {
  const std::int64_t quarter = width / 4;
  std::vector<float> table;
  for (std::int64_t row = 0; row < kRows; ++row)
    for (std::int64_t column = 0; column < kColumns; ++column)
      for (const std::int64_t place : {column, row})
        for (const bool cosine : {false, true})
          for (std::int64_t i = 0; i < quarter; ++i) {
            const double frequency = std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(quarter));
            const double angle = static_cast<double>(place) * frequency;
            table.push_back(static_cast<float>(cosine ? std::cos(angle) : std::sin(angle)));
          }
  return table;
}

class CavMae final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("cavmae", /*algorithm=*/1, "the audio branch of CAV-MAE, pre-trained beside pictures")
        .option(&Options::weights, "weights", "\"random\", a name of data/weights.toml, or a safetensors file")
        .option(&Options::pooling, "pooling", choices({"mean", "first"}), "mean over tokens, or the first of them")
        .option(&Options::chunk, "chunk", range(0, 65536), no_effect(),
                "clips whose activations exist at a time in training; 0: all")
        .option(&Options::depth, "depth", range(1, 48), "blocks of its own; 11 in the published files")
        .option(&Options::width, "width", range(64, 4096), "of a token and of the embedding; a multiple of 64")
        .input<Mel>("mel", constant_fact("sample_rate", "16000"),
                    constant_fact("front_end", audio::FrontEnd::cavmae().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "width"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<CavMae>> create(const Options& options, const Setup& setup) {
    if (options.width % kHeadSize != 0)
      return Error{ErrorCode::kInvalidArgument,
                   "cavmae: width = " + std::to_string(options.width) + " is no multiple of 64, the size of a head"};
    return start_with<CavMae>(options.weights, keys(options.depth), setup, options);
  }

  static Result<WeightsInfo> weights(const Options& options) { return nn::weights_info(options.weights); }

  CavMae(const Setup& setup, nn::Loading* loading, const Options& options)
      : Encoder(setup, {.dim = options.width, .chunk = options.chunk}, loading),
        first_(options.pooling == "first"),
        patches_(weights_, "patch_embed_a.proj", options.width, nn::Patches::kSide, nn::Linear::Bias::kAdded),
        positions_(weights_.buffer("pos_embed_a", std::array{std::int64_t{1}, kRows * kColumns, options.width},
                                   position_table(options.width))),
        modality_(weights_.parameter("modality_a", std::array<std::int64_t, 3>{1, 1, options.width}, nn::constant(0))),
        blocks_(blocks(weights_, options)),
        norm_(weights_, "norm_a", options.width, kNormEpsilon) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), {.bands = kMels}, context);
  }

 private:
  static std::vector<nn::TransformerBlock> blocks(nn::Weights& weights, const Options& options) {
    const auto shape = nn::vision_block(options.width, options.width / kHeadSize, kNormEpsilon);
    std::vector<nn::TransformerBlock> blocks;
    for (std::int64_t i = 0; i < options.depth; ++i)
      blocks.emplace_back(weights, nn::vision_block_names("blocks_a." + std::to_string(i) + "."), shape);
    // Of the shared block's three pairs of norms, sound has its own.
    nn::TransformerBlock::Names shared = nn::vision_block_names("blocks_u.0.");
    shared.attention_norm = "blocks_u.0.norm1_a";
    shared.mlp_norm = "blocks_u.0.norm2_a";
    blocks.emplace_back(weights, shared, shape);
    return blocks;
  }

  // [clip, mel, frame] -> [clip, width]. The reference pads with log energies of 0 before it normalises.
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    const audio::FrontEnd front_end = audio::FrontEnd::cavmae();
    const double silence = (0 - front_end.mean) / front_end.std;
    // A negative padding cuts.
    const at::Tensor clip = at::constant_pad_nd(mel, {0, kFrames - mel.size(2)}, silence);
    at::Tensor x = patches_(clip).flatten(2).transpose(1, 2).add(positions_).add(modality_);
    for (const nn::TransformerBlock& block : blocks_) x = block(x, {}, draws);
    x = norm_(x);
    return first_ ? x.select(1, 0) : x.mean(1);
  }

  bool first_;
  nn::Patches patches_;
  at::Tensor positions_;  // [1, token, width], fixed
  at::Tensor modality_;   // [1, 1, width]
  std::vector<nn::TransformerBlock> blocks_;
  nn::Norm norm_;
};

}  // namespace

EARSHOT_PLUGIN(CavMae)
