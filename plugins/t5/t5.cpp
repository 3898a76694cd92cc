// t5: the encoder of T5 (Raffel et al. 2020), of its version 1.1 and of Flan-T5: config.json says which. Source:
// transformers, models/t5.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/embedding.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/text_encoder.h"
#include "earshot/nn/text_transformer.h"
#include "earshot/text/sentence_tokeniser.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

constexpr const char* kModelType = "t5";

// The table of words has two names; of the whole model, the encoder is half.
const nn::KeyRules kKeys{.prefixes = {},
                         .endings = {},
                         .ignored = {"decoder.", "lm_head."},
                         .aliases = {{"encoder.embed_tokens.weight", "shared.weight"}}};

struct Options : nn::TextOptions {
  Options() { weights = "t5-base"; }
};

class T5 final : public nn::TextEncoder {
 public:
  static auto contract() {
    return nn::text_contract<Options>("t5", /*algorithm=*/1, "the encoder of T5 and Flan-T5", {"first", "mean"})
        .input<Tokens>("tokens", late_fact("tokeniser"))
        .output<Embedding>("embedding", late_fact("dim"));
  }

  static Result<WeightsInfo> weights(const Options& options) {
    const Result<nn::TextWeights> found = nn::find_text_weights(kModelType, options);
    if (!found.ok()) return found.error();
    const Result<text::Tokeniser> record = text::tokeniser_of_encoder(
        found->place.folder, "unigram", static_cast<std::int32_t>(found->folder.max_tokens), options.preparation);
    if (!record.ok()) return record.error();
    return found->info(record->to_text(), record->vocabulary);
  }

  static Result<std::unique_ptr<T5>> create(const Options& options, const Setup& setup) {
    if (setup.precision == "fp16")
      return Error{ErrorCode::kUnsupported, "t5: its activations leave the range of fp16; say bf16 or fp32"};
    const Result<text::Tokeniser> record = text::Tokeniser::parse(setup.fact("tokens", "tokeniser"));
    if (!record.ok()) return record.error();
    return start_text<T5>(kModelType, kKeys, /*pooling=*/"mean", {record->pad, record->vocabulary, record->max_tokens},
                          options, setup);
  }

  T5(const Setup& setup, nn::Loading* loading, const nn::TextShape& shape, const Reading& reading,
     const Options& options)
      : TextEncoder(setup, loading, shape, reading, options.chunk),
        dropout_(options.dropout),
        max_distance_(shape.max_distance),
        words_(weights_.parameter("shared.weight", std::array{shape.vocabulary, shape.width}, nn::uniform_fan_in(1))),
        position_bias_(weights_.parameter("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                                          std::array{shape.buckets, shape.heads}, nn::uniform_fan_in(shape.width))),
        blocks_(blocks(weights_, shape, options)),
        norm_(weights_, "encoder.final_layer_norm", shape.width, shape.norm_epsilon, nn::Norm::Kind::kRms) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("tokens");
    return encode_sentences(rows, nn::sentences<Tokens>(rows), context);
  }

  [[nodiscard]] std::int64_t padded_extent(const Payload& payload) const override {
    return filled_up(static_cast<const Tokens&>(payload).ids().size());
  }

 private:
  static nn::TransformerBlock::Names names(std::int64_t block, bool gated) {
    const std::string prefix = "encoder.block." + std::to_string(block) + ".layer.";
    const std::string attention = prefix + "0.SelfAttention.";
    const std::string mlp = prefix + "1.DenseReluDense.";
    return {.attention = {.inputs = {attention + "q", attention + "k", attention + "v"},
                          .output = attention + "o",
                          .gate = {}},
            .attention_norm = prefix + "0.layer_norm",
            .mlp = {.in = mlp + (gated ? "wi_0" : "wi"), .out = mlp + "wo", .gate = gated ? mlp + "wi_1" : ""},
            .mlp_norm = prefix + "1.layer_norm"};
  }

  // Nothing has a bias, and scores are not scaled: the initialisation of the published weights makes up for it.
  static std::vector<nn::TransformerBlock> blocks(nn::Weights& weights, const nn::TextShape& shape,
                                                  const Options& options) {
    const nn::TransformerBlock::Shape block = {.attention = {.width = shape.width,
                                                             .heads = shape.heads,
                                                             .head_size = shape.head_size,
                                                             .scale = 1.0,
                                                             .bias = nn::Linear::Bias::kNone,
                                                             .dropout = options.attention_dropout},
                                               .mlp = {.width = shape.width,
                                                       .hidden = shape.hidden,
                                                       .activation = shape.activation,
                                                       .bias = nn::Linear::Bias::kNone,
                                                       .dropout = options.dropout},
                                               .norm = nn::Norm::Kind::kRms,
                                               .norm_epsilon = shape.norm_epsilon,
                                               .dropout = options.dropout};
    std::vector<nn::TransformerBlock> made;
    for (std::int64_t i = 0; i < shape.depth; ++i) made.emplace_back(weights, names(i, shape.gated), block);
    return made;
  }

  [[nodiscard]] at::Tensor tokens(const at::Tensor& ids, const at::Tensor& hidden,
                                  const nn::Draws& draws) const override {
    at::Tensor x = nn::dropout(at::embedding(words_, ids), dropout_, draws, "embeddings");
    const nn::AttentionBias bias{.position = nn::position_bias(position_bias_, ids.size(1), max_distance_),
                                 .padding = nn::padding_bias(hidden)};
    for (const nn::TransformerBlock& block : blocks_) x = block(x, bias, draws);
    return nn::dropout(norm_(x), dropout_, draws, "output");
  }

  double dropout_;
  std::int64_t max_distance_;
  at::Tensor words_;          // [id, width]
  at::Tensor position_bias_;  // [bucket, head]
  std::vector<nn::TransformerBlock> blocks_;
  nn::Norm norm_;
};

}  // namespace

EARSHOT_PLUGIN(T5)
