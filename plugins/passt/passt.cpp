// passt: PaSST-S (Koutini et al. 2022, "Efficient training of audio transformers with patchout"), an audio transformer
// over overlapping or adjoining patches. Source: kkoutini/passt_hear21, models/passt.py.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/patches.h"
#include "earshot/nn/transformer.h"

namespace {
using namespace earshot;

constexpr std::int64_t kMels = 128;
constexpr std::int64_t kHeadSize = 64;
constexpr double kNormEpsilon = 1e-6;

// What the published files differ in. The table of positions in time has `columns` entries: a clip of more patches is
// cut into segments of `segment_frames`.
struct Variant {
  const char* name;
  std::int64_t stride;
  std::int64_t columns;
  std::int64_t segment_frames;
};
constexpr std::array<Variant, 6> kVariants{{{"s16", 16, 62, 1000},
                                            {"s14", 14, 71, 1000},
                                            {"s12", 12, 83, 1000},
                                            {"s10", 10, 99, 1000},
                                            {"s10-20s", 10, 200, 2000},
                                            {"s10-30s", 10, 300, 3000}}};

// Heads of 527 classes, and what the wrapper of hear21passt adds.
const nn::KeyRules kKeys{.prefixes = {"net."}, .endings = {}, .ignored = {"head.", "head_dist.", "device_proxy"}};

struct Options {
  std::string weights = "passt-s-s16";
  std::string variant = "s16";
  std::string pooling = "class_tokens";
  std::int64_t patchout_time = 0;
  std::int64_t patchout_frequency = 0;
  std::int64_t patchout = 0;
  std::int64_t chunk = 0;
  std::int64_t depth = 12;
  std::int64_t width = 768;
};

const Variant& variant_of(const Options& options) {
  return *std::ranges::find(kVariants, options.variant, &Variant::name);
}

class Passt final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("passt", /*algorithm=*/1, "PaSST-S, an audio transformer pre-trained on AudioSet")
        .option(&Options::weights, "weights", "\"random\", a name of data/weights.toml, or a safetensors file")
        .option(&Options::variant, "variant", choices({"s16", "s14", "s12", "s10", "s10-20s", "s10-30s"}),
                "stride of the patches, and the length of the table of positions where it is not 10 s")
        .option(&Options::pooling, "pooling", choices({"class_tokens", "first", "mean"}),
                "mean of the two class tokens, the first of them, or the mean over patches")
        .option(&Options::patchout_time, "patchout_time", range(0, 300), "columns of patches left out in training")
        .option(&Options::patchout_frequency, "patchout_frequency", range(0, 12), "rows left out in training")
        .option(&Options::patchout, "patchout", range(0, 3600), "patches left out in training, wherever they are")
        .option(&Options::chunk, "chunk", range(0, 65536), no_effect(),
                "clips whose activations exist at a time in training; 0: all")
        .option(&Options::depth, "depth", range(1, 48), "blocks; 12 in the published files, 7 in passt_l")
        .option(&Options::width, "width", range(64, 4096), "of a token and of the embedding; a multiple of 64")
        .input<Mel>("mel", constant_fact("sample_rate", "32000"),
                    constant_fact("front_end", audio::FrontEnd::passt().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "width"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<Passt>> create(const Options& options, const Setup& setup) {
    if (options.width % kHeadSize != 0)
      return Error{ErrorCode::kInvalidArgument,
                   "passt: width = " + std::to_string(options.width) + " is no multiple of 64, the size of a head"};
    return start_with<Passt>(options.weights, kKeys, setup, options);
  }

  static Result<WeightsInfo> weights(const Options& options) { return nn::weights_info(options.weights); }

  Passt(const Setup& setup, nn::Loading* loading, const Options& options)
      : Encoder(setup, {.dim = options.width, .chunk = options.chunk}, loading),
        options_(options),
        variant_(variant_of(options)),
        class_token_(table("cls_token", {1, 1, options.width})),
        distillation_token_(table("dist_token", {1, 1, options.width})),
        class_positions_(table("new_pos_embed", {1, 2, options.width})),
        row_positions_(table("freq_new_pos_embed", {1, options.width, kMels / variant_.stride, 1})),
        column_positions_(table("time_new_pos_embed", {1, options.width, 1, variant_.columns})),
        patches_(weights_, "patch_embed.proj", options.width, variant_.stride, nn::Linear::Bias::kAdded),
        blocks_(blocks(weights_, options)),
        norm_(weights_, "norm", options.width, kNormEpsilon) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), {.bands = kMels, .fewest_frames = nn::Patches::kSide}, context);
  }

 private:
  at::Tensor table(const char* name, const std::vector<std::int64_t>& shape) {
    constexpr nn::Initial kStart{nn::Initial::Kind::kUniform, 0.0346};  // standard deviation 0.02
    return weights_.parameter(name, shape, kStart);
  }

  static std::vector<nn::TransformerBlock> blocks(nn::Weights& weights, const Options& options) {
    const auto shape = nn::vision_block(options.width, options.width / kHeadSize, kNormEpsilon);
    std::vector<nn::TransformerBlock> blocks;
    for (std::int64_t i = 0; i < options.depth; ++i)
      blocks.emplace_back(weights, nn::vision_block_names("blocks." + std::to_string(i) + "."), shape);
    return blocks;
  }

  // [clip, mel, frame] -> [clip, width]; of a clip longer than the table, the mean of its segments' embeddings.
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    const std::int64_t frames = mel.size(2);
    if (columns_of(frames) <= variant_.columns) return segment(mel, draws);
    std::vector<at::Tensor> segments;
    for (std::int64_t first = 0; frames - first >= nn::Patches::kSide; first += variant_.segment_frames)
      segments.push_back(segment(mel.narrow(2, first, std::min(variant_.segment_frames, frames - first)), draws));
    return at::stack(segments).mean(0);
  }

  [[nodiscard]] std::int64_t columns_of(std::int64_t frames) const {
    return (frames - nn::Patches::kSide) / variant_.stride + 1;
  }

  [[nodiscard]] at::Tensor segment(const at::Tensor& mel, const nn::Draws& draws) const {
    at::Tensor grid = patches_(mel);  // [clip, width, row, column]
    const std::int64_t columns = grid.size(3);
    // A short clip in training stands anywhere in the table.
    const std::int64_t offset =
        draws.training() ? draws.of_batch("offset").below(variant_.columns - columns + 1) : std::int64_t{0};
    grid = grid.add(column_positions_.narrow(3, offset, columns)).add(row_positions_);
    grid = left_out(grid, 3, options_.patchout_time, draws, "patchout_time");
    grid = left_out(grid, 2, options_.patchout_frequency, draws, "patchout_frequency");
    at::Tensor tokens = grid.flatten(2).transpose(1, 2);  // row by row
    tokens = left_out(tokens, 1, options_.patchout, draws, "patchout");
    const auto leading = [&](const at::Tensor& token, std::int64_t place) {
      return token.add(class_positions_.narrow(1, place, 1)).expand({mel.size(0), 1, options_.width});
    };
    at::Tensor x = at::cat({leading(class_token_, 0), leading(distillation_token_, 1), tokens}, 1);
    for (const nn::TransformerBlock& block : blocks_) x = block(x, {}, draws);
    return pooled(norm_(x));
  }

  // Without `count` slices along `axis`, the same for all clips; at least one is left.
  static at::Tensor left_out(const at::Tensor& input, std::int64_t axis, std::int64_t count, const nn::Draws& draws,
                             const char* draw) {
    if (!draws.training() || count == 0) return input;
    const std::int64_t there = input.size(axis);
    return nn::select_slices(input, axis,
                             nn::draw_sorted(draws.of_batch(draw), there, std::max<std::int64_t>(there - count, 1)));
  }

  [[nodiscard]] at::Tensor pooled(const at::Tensor& tokens) const {
    if (options_.pooling == "first") return tokens.select(1, 0);
    if (options_.pooling == "mean") return tokens.narrow(1, 2, tokens.size(1) - 2).mean(1);
    return tokens.narrow(1, 0, 2).mean(1);
  }

  Options options_;
  Variant variant_;
  at::Tensor class_token_;
  at::Tensor distillation_token_;
  at::Tensor class_positions_;   // [1, class token, width]
  at::Tensor row_positions_;     // [1, width, row, 1]
  at::Tensor column_positions_;  // [1, width, 1, column]
  nn::Patches patches_;
  std::vector<nn::TransformerBlock> blocks_;
  nn::Norm norm_;
};

}  // namespace

EARSHOT_PLUGIN(Passt)
