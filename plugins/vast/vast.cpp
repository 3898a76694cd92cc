// vast: the audio branch of VAST (Chen et al. 2023): BEATs over 64 mel bands, in slices of 1,024 frames that are
// encoded apart and averaged. Source: TXH-mercury/VAST, data/audio_mapper.py and model/audio_encoders/beats.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ops/constant_pad_nd.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"
#include "earshot/nn/beats.h"
#include "earshot/nn/encoder.h"

namespace {
using namespace earshot;

constexpr std::int64_t kSliceFrames = 1024;
constexpr nn::FeatureRange kRange{.bands = 64};

// What pictures, texts and their fusion need.
nn::KeyRules keys() {
  nn::KeyRules rules = nn::Beats::keys({"audio_encoder.", "module.audio_encoder."});
  rules.ignored.insert(rules.ignored.end(),
                       {"vision_encoder.", "multimodal_encoder.", "contra_", "hidden_trans_", "audio_frame_embedding",
                        "audio_type_embeddings", "vision_", "subtitle_", "itm_head.", "module."});
  return rules;
}

struct Options {
  std::string weights = "vast";
  std::string pooling = "mean";
  std::optional<std::int64_t> slices;
  double layer_drop = 0.05;
  std::int64_t chunk = 0;
  std::int64_t depth = 12;
  std::int64_t width = 768;
};

class Vast final : public nn::Encoder {
 public:
  static auto contract() {
    return Contract<Options>("vast", /*algorithm=*/1, "the audio branch of VAST, a network of BEATs' kind")
        .option(&Options::weights, "weights", "\"random\", a name of data/weights.toml, or a safetensors file")
        .option(&Options::pooling, "pooling", choices({"mean", "first"}),
                "mean over tokens, or the first of them; then the mean over slices")
        .option(
            &Options::slices, "slices", range(1, 64),
            "of 1,024 frames, spread over the clip; VAST takes 1 for AudioCaps and 3 for Clotho; auto: all there are")
        .option(&Options::layer_drop, "layer_drop", range(0, 0.9), "chance of a block to be left out in training")
        .option(&Options::chunk, "chunk", range(0, 65536), no_effect(),
                "clips whose activations exist at a time in training; 0: all")
        .option(&Options::depth, "depth", range(1, 48), "blocks; 12 in the published files")
        .option(&Options::width, "width", range(64, 4096), "of a token and of the embedding; a multiple of 64")
        .input<Mel>("mel", constant_fact("sample_rate", "16000"),
                    constant_fact("front_end", audio::FrontEnd::vast().to_text()))
        .output<Embedding>("embedding", fact_from_option("dim", "width"))
        .numeric()
        .compute_lane()
        .trainable()
        .any_device()
        .offers(nn::kParametersCapability);
  }

  static Result<std::unique_ptr<Vast>> create(const Options& options, const Setup& setup) {
    if (options.width % 64 != 0)
      return Error{ErrorCode::kInvalidArgument,
                   "vast: width = " + std::to_string(options.width) + " is no multiple of 64, the size of a head"};
    return start_with<Vast>(options.weights, keys(), setup, options);
  }

  static Result<WeightsInfo> weights(const Options& options) { return nn::weights_info(options.weights); }

  Vast(const Setup& setup, nn::Loading* loading, const Options& options)
      : Encoder(setup, {.dim = options.width, .chunk = options.chunk}, loading),
        first_(options.pooling == "first"),
        slices_(options.slices),
        network_(weights_, {.depth = options.depth, .width = options.width, .layer_drop = options.layer_drop}) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("mel");
    return encode(rows, nn::feature_maps<Mel>(rows), kRange, context);
  }

 private:
  // [clip, mel, frame] -> [clip, width]
  [[nodiscard]] at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override {
    const std::vector<std::int64_t> chosen = slices_of(mel.size(2), draws);
    const auto count = static_cast<std::int64_t>(chosen.size());
    const std::int64_t there = 1 + *std::ranges::max_element(chosen);
    const std::int64_t frames = std::max(there * kSliceFrames, mel.size(2));
    const at::Tensor padded = at::constant_pad_nd(mel, {0, frames - mel.size(2)}, 0).narrow(2, 0, there * kSliceFrames);
    const at::Tensor slices = padded.unflatten(2, {there, kSliceFrames}).transpose(1, 2);  // [clip, slice, mel, frame]
    const at::Tensor tokens = network_(nn::select_slices(slices, 1, chosen).flatten(0, 1), draws);
    const at::Tensor pooled = first_ ? tokens.select(1, 0) : tokens.mean(1);
    return pooled.unflatten(0, {mel.size(0), count}).mean(1);
  }

  // The numbers of the slices that are encoded. With S wanted, the clip is padded by max(1024 S - n, 1024 - n mod 1024)
  // frames and the slices are put into S groups of near-equal size, larger ones first; of each group of g the one at
  // (g + 1) / 2 - 1 is taken, in training any.
  [[nodiscard]] std::vector<std::int64_t> slices_of(std::int64_t frames, const nn::Draws& draws) const {
    const std::int64_t filled = (frames + kSliceFrames - 1) / kSliceFrames;
    const std::int64_t wanted = slices_.value_or(filled);
    const std::int64_t there = slices_ ? std::max(wanted, frames / kSliceFrames + 1) : filled;
    Random random = draws.of_batch("slice");
    std::vector<std::int64_t> chosen;
    for (std::int64_t group = 0, first = 0; group < wanted; ++group) {
      const std::int64_t size = there / wanted + (group < there % wanted ? 1 : 0);
      chosen.push_back(first + (draws.training() ? random.below(size) : (size + 1) / 2 - 1));
      first += size;
    }
    return chosen;
  }

  bool first_;
  std::optional<std::int64_t> slices_;
  nn::Beats network_;
};

}  // namespace

EARSHOT_PLUGIN(Vast)
