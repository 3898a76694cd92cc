#include "earshot/nn/text_transformer.h"

#include <array>
#include <string>

#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>

namespace earshot::nn {
namespace {

using Extents = std::array<std::int64_t, 2>;

constexpr Initial kStart{Initial::Kind::kUniform, 0.0346};  // standard deviation 0.02

TransformerBlock::Names block_names(const std::string& prefix, bool mpnet) {
  const std::string attention = prefix + "attention.";
  const SelfAttention::Names bert = {
      .inputs = {attention + "self.query", attention + "self.key", attention + "self.value"},
      .output = attention + "output.dense",
      .gate = {}};
  const SelfAttention::Names own = {.inputs = {attention + "attn.q", attention + "attn.k", attention + "attn.v"},
                                    .output = attention + "attn.o",
                                    .gate = {}};
  return {.attention = mpnet ? own : bert,
          .attention_norm = attention + (mpnet ? "LayerNorm" : "output.LayerNorm"),
          .mlp = {.in = prefix + "intermediate.dense", .out = prefix + "output.dense", .gate = {}},
          .mlp_norm = prefix + "output.LayerNorm"};
}

std::vector<TransformerBlock> blocks(Weights& weights, const TextTransformer::Names& names, const TextShape& shape,
                                     const TextTransformer::Dropout& dropout) {
  const TransformerBlock::Shape block = {
      .attention = {.width = shape.width, .heads = shape.heads, .dropout = dropout.attention},
      .mlp = {.width = shape.width, .hidden = shape.hidden, .activation = shape.activation},
      .norm_first = false,
      .norm_epsilon = shape.norm_epsilon,
      .dropout = dropout.parts};
  std::vector<TransformerBlock> made;
  for (std::int64_t i = 0; i < shape.depth; ++i)
    made.emplace_back(weights, block_names("encoder.layer." + std::to_string(i) + ".", names.mpnet), block);
  return made;
}

at::Tensor table(Weights& weights, const char* name, std::int64_t rows, std::int64_t columns) {
  return rows == 0 ? at::Tensor() : weights.parameter(name, Extents{rows, columns}, kStart);
}

}  // namespace

TextTransformer::TextTransformer(Weights& weights, const Names& names, const TextShape& shape, const Dropout& dropout)
    : names_(names),
      dropout_(dropout),
      max_distance_(shape.max_distance),
      words_(table(weights, "embeddings.word_embeddings.weight", shape.vocabulary, shape.width)),
      positions_(table(weights, "embeddings.position_embeddings.weight", shape.positions, shape.width)),
      types_(table(weights, "embeddings.token_type_embeddings.weight", shape.types, shape.width)),
      position_bias_(table(weights, "encoder.relative_attention_bias.weight", shape.buckets, shape.heads)),
      norm_(weights, "embeddings.LayerNorm", shape.width, shape.norm_epsilon),
      blocks_(blocks(weights, names, shape, dropout)) {}

at::Tensor TextTransformer::positions_of(const at::Tensor& ids, std::int32_t padding) const {
  // What fills a sentence up may lie behind the last position; nothing sees it.
  if (!names_.counts_from_padding)
    return at::embedding(positions_, at::arange(ids.size(1), ids.options()).clamp_max(positions_.size(0) - 1));
  const at::Tensor there = ids.ne(padding).to(at::kLong);
  return at::embedding(positions_, there.cumsum(1).mul(there).add(padding));
}

at::Tensor TextTransformer::operator()(const at::Tensor& ids, const at::Tensor& hidden, std::int32_t padding,
                                       const Draws& draws) const {
  at::Tensor x = at::embedding(words_, ids).add(positions_of(ids, padding));
  if (types_.defined()) x = x.add(types_[0]);  // every sentence is of the first type
  x = dropout(norm_(x), dropout_.parts, draws, "embeddings");
  AttentionBias bias{.position = {}, .padding = padding_bias(hidden)};
  if (position_bias_.defined()) bias.position = position_bias(position_bias_, ids.size(1), max_distance_);
  for (const TransformerBlock& block : blocks_) x = block(x, bias, draws);
  return x;
}

KeyRules text_keys(const char* prefix) {
  return {.prefixes = {"0.auto_model.", prefix},
          // As the first release of BERT has them.
          .endings = {{"LayerNorm.gamma", "LayerNorm.weight"}, {"LayerNorm.beta", "LayerNorm.bias"}},
          // `pooler.` is taken where pooling asks for it.
          .ignored = {"cls.", "lm_head.", "pooler.", "embeddings.position_ids"}};
}

at::Tensor position_bias(const at::Tensor& table, std::int64_t tokens, std::int64_t max_distance) {
  const at::Tensor buckets = relative_buckets(tokens, table.size(0), max_distance).to(table.device());
  return at::embedding(table, buckets).permute({2, 0, 1});
}

}  // namespace earshot::nn
