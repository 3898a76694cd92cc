#include "earshot/nn/transformer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "earshot/nn/compute.h"
#include "earshot/nn/gradient_cache.h"
#include "earshot/nn/stored.h"

namespace earshot::nn {
namespace {

Setup setup() {
  Setup made;
  made.stage = "net";
  made.trainable = true;
  return made;
}

const Draws kNoDraws({}, false);
Draws training() { return {{.item = 3, .stage = "net"}, true}; }

// [row, token, width] of values in [-1, 1] that repeat nowhere.
at::Tensor input(std::int64_t rows, std::int64_t tokens, std::int64_t width) {
  return at::arange(rows * tokens * width, at::kFloat).mul(0.7).sin().view({rows, tokens, width});
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) { return a.sub(b).abs().max().item<double>(); }

void set(const Weights& weights, const std::string& name, std::vector<float> values) {
  for (const NamedTensor& one : weights.parameters())
    if (one.name == name) std::ranges::copy(values, values_of(one.tensor).begin());
}

TransformerBlock block(Weights& weights, double dropout = 0) {
  TransformerBlock::Shape shape = vision_block(8, 2, 1e-6);
  shape.dropout = shape.attention.dropout = shape.mlp.dropout = dropout;
  return {weights, vision_block_names("blocks.0."), shape};
}

std::vector<std::int64_t> buckets_of(std::int64_t buckets, std::int64_t max_distance,
                                     const std::vector<std::int64_t>& distances) {
  const at::Tensor all = relative_buckets(1600, buckets, max_distance);
  std::vector<std::int64_t> found;
  for (const std::int64_t distance : distances) {
    const std::int64_t query = distance < 0 ? -distance : 0;
    found.push_back(all[query][query + distance].item<std::int64_t>());
  }
  return found;
}

// Source of the figures: the functions of unilm's beats and of transformers' MPNet, run in PyTorch 1.13.
TEST(RelativeBuckets, are_those_of_the_references) {
  EXPECT_EQ(buckets_of(320, 800, {0, 1, -1, 79, -79, 80, -80, 81, 100, -100, 400, 799, 800, -1500}),
            (std::vector<std::int64_t>{0, 161, 1, 239, 79, 240, 80, 240, 247, 87, 295, 319, 319, 159}));
  EXPECT_EQ(buckets_of(32, 128, {0, 1, -1, 7, 8, -8, 12, 16, 32, 64, 127, -128}),
            (std::vector<std::int64_t>{0, 17, 1, 23, 24, 8, 25, 26, 28, 30, 31, 15}));
}

// By hand: one head of one channel, q = k = v = x, scale 1, x = (0, 1): token 1 sees weights e^0 and e^1.
TEST(SelfAttention, weighs_values_by_the_softmax_of_scores) {
  Weights weights(setup());
  const SelfAttention attention(weights, {.inputs = {"q", "k", "v"}, .output = "o"},
                                {.width = 1, .bias = Linear::Bias::kNone});
  for (const char* name : {"q.weight", "k.weight", "v.weight", "o.weight"}) set(weights, name, {1});
  const at::Tensor out = attention(at::arange(2, at::kFloat).view({1, 2, 1}), {}, kNoDraws).detach();
  EXPECT_NEAR(out[0][0][0].item<double>(), 0.5, 1e-6);
  EXPECT_NEAR(out[0][1][0].item<double>(), std::exp(1.0) / (1 + std::exp(1.0)), 1e-6);
}

TEST(SelfAttention, a_hidden_key_changes_nothing) {
  Weights weights(setup());
  const TransformerBlock layer = block(weights);
  at::Tensor batch = input(1, 5, 8);
  const at::Tensor hidden = at::arange(5).ge(4).unsqueeze(0);
  const at::Tensor before = layer(batch, {.padding = padding_bias(hidden)}, kNoDraws).detach();
  const at::Tensor alone = layer(batch.narrow(1, 0, 4), {}, kNoDraws).detach();
  EXPECT_LT(largest_difference(before.narrow(1, 0, 4), alone), 1e-6);
}

// With grep_a = 1 and grep_linear = 0 both gates are 1/2 and g = 1/2 (1/2 - 1) + 2 = 1.75.
TEST(SelfAttention, a_gate_scales_the_position_bias) {
  Weights weights(setup());
  const SelfAttention::Shape shape{.width = 8, .heads = 2};
  const SelfAttention plain(weights, {.inputs = {"p.qkv"}, .output = "p.out"}, shape);
  const SelfAttention gated(weights, {.inputs = {"g.qkv"}, .output = "g.out", .gate = "g."}, shape);
  for (const char* part : {"qkv.weight", "qkv.bias", "out.weight", "out.bias"})
    for (const NamedTensor& one : weights.parameters())
      if (one.name == std::string("p.") + part) set(weights, std::string("g.") + part, store(one.tensor).values);
  set(weights, "g.grep_linear.weight", std::vector<float>(32, 0));
  set(weights, "g.grep_linear.bias", std::vector<float>(8, 0));
  const at::Tensor position = input(2, 3, 3);
  const at::Tensor batch = input(1, 3, 8);
  EXPECT_LT(largest_difference(gated(batch, {.position = position}, kNoDraws).detach(),
                               plain(batch, {.position = position.mul(1.75)}, kNoDraws).detach()),
            1e-6);
}

// Of what the kernel gives and what the plain formula gives, two rows, the last two keys hidden. A dropout of 1e-12
// takes the plain path and drops nothing.
double kernel_difference(std::int64_t tokens, std::int64_t heads) {
  SelfAttention::Shape shape{.width = 16, .heads = heads};
  Weights weights(setup());
  const SelfAttention kernel(weights, {.inputs = {"qkv"}, .output = "out"}, shape);
  shape.dropout = 1e-12;
  Weights copy(setup());
  const SelfAttention plain(copy, {.inputs = {"qkv"}, .output = "out"}, shape);
  const at::Tensor hidden = at::arange(tokens).ge(std::max<std::int64_t>(1, tokens - 2)).expand({2, tokens});
  const AttentionBias bias{.position = input(heads, tokens, tokens), .padding = padding_bias(hidden)};
  const at::NoGradGuard no_gradients;
  return largest_difference(kernel(input(2, tokens, 16), bias, kNoDraws),
                            plain(input(2, tokens, 16), bias, training()));
}

// From one token to more than the kernel of short sequences takes; heads of a size that it takes (16, 8) and not (4).
TEST(SelfAttention, every_kernel_agrees_with_the_plain_formula) {
  for (const std::int64_t tokens : {1, 3, 8, 21, 64, 65})
    for (const std::int64_t heads : {1, 2, 4})
      EXPECT_LT(kernel_difference(tokens, heads), 1e-6) << tokens << " tokens, " << heads << " heads";
}

TEST(SelfAttention, a_token_that_is_not_a_number_is_seen_by_all_of_its_row) {
  Weights weights(setup());
  const SelfAttention attention(weights, {.inputs = {"qkv"}, .output = "out"}, {.width = 16, .heads = 2});
  const at::NoGradGuard no_gradients;
  const at::Tensor batch = input(2, 5, 16);
  batch[0][3][2] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor out = attention(batch, {}, kNoDraws);
  EXPECT_TRUE(out[0].isnan().all().item<bool>());
  EXPECT_FALSE(out[1].isnan().any().item<bool>());
}

TEST(SelfAttention, with_gradients_gives_what_it_gives_without) {
  Weights weights(setup());
  const SelfAttention attention(weights, {.inputs = {"qkv"}, .output = "out"}, {.width = 16, .heads = 2});
  const at::Tensor with = attention(input(2, 7, 16), {}, kNoDraws);
  EXPECT_TRUE(with.requires_grad());
  const at::NoGradGuard no_gradients;
  EXPECT_LT(largest_difference(attention(input(2, 7, 16), {}, kNoDraws), with), 1e-6);
}

// By hand: 3 / sqrt(mean(3^2, 4^2)) = 0.848528, 4 / sqrt(12.5) = 1.131371.
TEST(Norm, of_the_root_mean_square_keeps_the_mean) {
  Weights weights(setup());
  const Norm norm(weights, "n", 2, 0, Norm::Kind::kRms);
  const at::Tensor out = norm(at::arange(3, 5, at::kFloat).view({1, 2})).detach();
  EXPECT_NEAR(out[0][0].item<double>(), 0.848528, 1e-6);
  EXPECT_NEAR(out[0][1].item<double>(), 1.131371, 1e-6);
  EXPECT_EQ(weights.parameters().size(), 1U);
}

// Phi(1) = 0.8413447; the approximation by tanh differs in the fourth digit (0.8411920).
TEST(Activation, the_two_forms_of_gelu_differ) {
  const at::Tensor one = at::ones({1});
  EXPECT_NEAR(activate(one, Activation::kGelu).item<double>(), 0.8413447, 1e-6);
  EXPECT_NEAR(activate(one, Activation::kGeluTanh).item<double>(), 0.8411920, 1e-6);
  EXPECT_EQ(activate(one.neg(), Activation::kRelu).item<double>(), 0);
}

TEST(MeanOverTokens, leaves_padding_out) {
  const at::Tensor tokens = at::arange(6, at::kFloat).view({1, 3, 2});
  EXPECT_FLOAT_EQ(mean_over_tokens(tokens)[0][0].item<float>(), 2);
  EXPECT_FLOAT_EQ(mean_over_tokens(tokens, at::arange(3).lt(2).unsqueeze(0))[0][0].item<float>(), 1);
}

// Gradients of the sum of squares of a block's outputs, dropout on, `chunk` rows at a time.
std::vector<at::Tensor> gradients(std::int64_t chunk) {
  Weights weights(setup());
  const TransformerBlock layer = block(weights, /*dropout=*/0.1);
  const at::Tensor output = in_chunks(input(5, 4, 8), chunk, [&](const at::Tensor& rows, std::int64_t first) {
    return layer(rows, {}, training().from_row(first)).flatten(1);
  });
  output.square().sum().backward();
  std::vector<at::Tensor> all;
  for (const NamedTensor& one : weights.parameters()) all.push_back(one.tensor.grad());
  return all;
}

TEST(GradientCache, gradients_are_those_of_the_plain_step_with_dropout_on) {
  const std::vector<at::Tensor> plain = gradients(0);
  for (const std::int64_t chunk : {1, 2, 4}) {
    const std::vector<at::Tensor> cached = gradients(chunk);
    ASSERT_EQ(cached.size(), plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_LT(largest_difference(cached[i], plain[i]), 1e-5) << i;
  }
}

TEST(GradientCache, the_forward_pass_keeps_no_activations) {
  Weights weights(setup());
  const TransformerBlock layer = block(weights);
  std::vector<bool> kept;
  const at::Tensor output = in_chunks(input(4, 3, 8), 2, [&](const at::Tensor& rows, std::int64_t) {
    const at::Tensor part = layer(rows, {}, kNoDraws);
    kept.push_back(part.requires_grad());
    return part.flatten(1);
  });
  EXPECT_EQ(kept, (std::vector<bool>{false, false}));
  output.sum().backward();
  EXPECT_EQ(kept.size(), 4U);
  EXPECT_TRUE(kept.back());
}

TEST(Compute, half_precision_is_used_where_it_is_asked_for) {
  Weights weights(setup());
  const Linear layer(weights, "l", 8, 8);
  const at::Tensor exact = layer(input(1, 3, 8)).detach();
  at::Tensor rounded;
  in_precision(at::kCPU, "bf16", [&] { rounded = layer(input(1, 3, 8)).detach(); });
  EXPECT_EQ(rounded.scalar_type(), at::kBFloat16);
  EXPECT_LT(largest_difference(rounded.to(at::kFloat), exact), 0.02);
  EXPECT_EQ(layer(input(1, 3, 8)).scalar_type(), at::kFloat);
}

TEST(Compute, a_device_that_is_not_there_is_refused_with_those_that_are) {
  earshot::Setup asks = setup();
  asks.device = "cuda:99";
  EXPECT_EQ(device_of(asks).error().code, ErrorCode::kUnsupported);
  EXPECT_NE(device_of(asks).error().message.find("has cpu"), std::string::npos);
  EXPECT_TRUE(device_of(setup()).ok());
}

}  // namespace
}  // namespace earshot::nn
