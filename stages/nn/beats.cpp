#include "earshot/nn/beats.h"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <ATen/ops/conv1d.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>

namespace earshot::nn {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr std::int64_t kHeadSize = 64;
constexpr std::int64_t kBuckets = 320;
constexpr std::int64_t kMaxDistance = 800;
constexpr std::int64_t kTaps = 128;
constexpr std::int64_t kGroups = 16;

TransformerBlock::Names block_names(const std::string& prefix) {
  const std::string attention = prefix + "self_attn.";
  return {.attention = {.inputs = {attention + "q_proj", attention + "k_proj", attention + "v_proj"},
                        .output = attention + "out_proj",
                        .gate = attention},
          .attention_norm = prefix + "self_attn_layer_norm",
          .mlp = {.in = prefix + "fc1", .out = prefix + "fc2"},
          .mlp_norm = prefix + "final_layer_norm"};
}

TransformerBlock::Shape block_shape(const Beats::Shape& shape) {
  // DeepNorm (Wang et al. 2022): alpha = (2 N)^1/4 for an encoder of N blocks.
  const double alpha = std::pow(2.0 * static_cast<double>(shape.depth), 0.25);
  return {.attention = {.width = shape.width, .heads = shape.width / kHeadSize, .dropout = shape.attention_dropout},
          .mlp = {.width = shape.width, .hidden = 4 * shape.width},
          .norm_first = false,
          .norm_epsilon = kNormEpsilon,
          .residual = alpha,
          .dropout = shape.dropout};
}

std::vector<TransformerBlock> make_blocks(Weights& weights, const Beats::Shape& shape) {
  std::vector<TransformerBlock> blocks;
  for (std::int64_t i = 0; i < shape.depth; ++i)
    blocks.emplace_back(weights, block_names("encoder.layers." + std::to_string(i) + "."), block_shape(shape));
  return blocks;
}

}  // namespace

KeyRules Beats::keys(std::vector<std::string> prefixes) {
  KeyRules rules{.prefixes = std::move(prefixes),
                 // PyTorch's newer names of weight normalisation.
                 .endings = {{"pos_conv.0.parametrizations.weight.original0", "pos_conv.0.weight_g"},
                             {"pos_conv.0.parametrizations.weight.original1", "pos_conv.0.weight_v"}},
                 .ignored = {"predictor."}};
  constexpr int kMostBlocks = 48;
  for (int i = 1; i < kMostBlocks; ++i)
    rules.ignored.push_back("encoder.layers." + std::to_string(i) + ".self_attn.relative_attention_bias.");
  return rules;
}

Beats::Beats(Weights& weights, const Shape& shape)
    : shape_(shape),
      patches_(weights, "patch_embedding", kPatchWidth, Patches::kSide, Linear::Bias::kNone),
      patch_norm_(weights, "layer_norm", kPatchWidth, kNormEpsilon),
      widen_(weights, "post_extract_proj", kPatchWidth, shape.width),
      // One table for all blocks; files repeat it under every block's name.
      position_bias_(weights.parameter("encoder.layers.0.self_attn.relative_attention_bias.weight",
                                       std::array{kBuckets, shape.width / kHeadSize}, uniform_fan_in(kBuckets))),
      convolution_scale_(
          weights.parameter("encoder.pos_conv.0.weight_g", std::array<std::int64_t, 3>{1, 1, kTaps}, constant(1))),
      convolution_kernel_(weights.parameter("encoder.pos_conv.0.weight_v",
                                            std::array{shape.width, shape.width / kGroups, kTaps},
                                            uniform_fan_in(shape.width / kGroups * kTaps))),
      convolution_bias_(weights.parameter("encoder.pos_conv.0.bias", std::array{shape.width}, constant(0))),
      norm_(weights, "encoder.layer_norm", shape.width, kNormEpsilon),
      blocks_(make_blocks(weights, shape)) {}

// x + gelu(convolution of x over tokens), the kernel g v / |v| with a length a tap (weight normalisation, Salimans and
// Kingma 2016). The even kernel makes one token too many: the last is dropped.
at::Tensor Beats::with_positions(const at::Tensor& tokens) const {
  const at::Tensor lengths = convolution_kernel_.norm(2, at::IntArrayRef{0, 1}, /*keepdim=*/true);
  const at::Tensor kernel = convolution_kernel_.mul(convolution_scale_.div(lengths));
  const at::Tensor convolved = at::conv1d(tokens.transpose(1, 2), kernel, convolution_bias_, 1, kTaps / 2, 1, kGroups);
  return tokens.add(at::gelu(convolved.narrow(2, 0, tokens.size(1))).transpose(1, 2));
}

// [head, query, key]
at::Tensor Beats::position_bias(std::int64_t tokens) const {
  const at::Tensor buckets = relative_buckets(tokens, kBuckets, kMaxDistance).to(position_bias_.device());
  return at::embedding(position_bias_, buckets).permute({2, 0, 1});
}

at::Tensor Beats::operator()(const at::Tensor& mel, const Draws& draws, const at::Tensor& hidden) const {
  at::Tensor x = patches_(mel.transpose(1, 2)).flatten(2).transpose(1, 2);
  x = dropout(widen_(patch_norm_(x)), shape_.dropout, draws, "input");
  AttentionBias bias{.position = position_bias(x.size(1))};
  if (hidden.defined()) {
    bias.padding = padding_bias(hidden);
    x = x.masked_fill(hidden.unsqueeze(-1), 0);
  }
  x = dropout(norm_(with_positions(x)), shape_.dropout, draws, "positions");
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const bool dropped = draws.training() && draws.of_batch("layer" + std::to_string(i)).uniform() < shape_.layer_drop;
    if (!dropped) x = blocks_[i](x, bias, draws);
  }
  return x;
}

}  // namespace earshot::nn
