#include "earshot/nn/layers.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "earshot/nn/compute.h"
#include "earshot/nn/stored.h"

namespace earshot::nn {
namespace {

Setup setup() {
  Setup made;
  made.stage = "net";
  made.trainable = true;
  return made;
}

Draws training(std::uint64_t batch) { return {{.item = batch, .stage = "net"}, true}; }

double share_of_zeros(const at::Tensor& tensor) {
  return tensor.eq(0).sum().item<double>() / static_cast<double>(tensor.numel());
}

// Which library multiplies depends on whether the layer is trained, and on the processor.
TEST(Linear, frozen_gives_what_trained_gives_with_and_without_a_bias) {
  const at::Tensor input = at::arange(3 * 5 * 32, at::kFloat).view({3, 5, 32}).mul(0.37).sin();
  for (const Linear::Bias bias : {Linear::Bias::kNone, Linear::Bias::kAdded}) {
    earshot::Setup frozen = setup();
    frozen.trainable = false;
    Weights trained_weights(setup());
    Weights frozen_weights(frozen);
    const at::Tensor trained = Linear(trained_weights, "l", 32, 48, bias)(input);
    const at::Tensor same = Linear(frozen_weights, "l", 32, 48, bias)(input);
    EXPECT_EQ(same.sizes(), at::IntArrayRef({3, 5, 48}));
    EXPECT_LT(trained.detach().sub(same).abs().max().item<float>(), 1e-6F);
  }
}

// Weights that a product reads in another order are kept in it: not beyond their next change.
TEST(Linear, frozen_gives_what_its_weights_say_once_they_were_replaced) {
  const at::Tensor input = at::arange(5 * 32, at::kFloat).view({5, 32}).mul(0.37).sin();
  earshot::Setup frozen = setup();
  frozen.trainable = false;
  Weights weights(frozen);
  frozen.stage = "another net";
  Weights others(frozen);
  const Linear layer(weights, "l", 32, 48);
  const Linear other(others, "l", 32, 48);
  EXPECT_FALSE(layer(input).equal(other(input)));
  ASSERT_TRUE(weights.load(others.saved(State::Scope::kWeights).value(), State::Scope::kWeights).ok());
  EXPECT_TRUE(layer(input).equal(other(input)));
}

// 40,000 draws at 0.3: deviation 0.0023.
TEST(Dropout, drops_as_many_as_it_says_and_scales_the_rest) {
  const at::Tensor dropped = dropout(at::ones({200, 200}), 0.3, training(0), "d");
  EXPECT_NEAR(share_of_zeros(dropped), 0.3, 0.012);
  EXPECT_FLOAT_EQ(dropped.max().item<float>(), 1 / 0.7F);
}

TEST(Dropout, depends_on_the_batch_and_on_nothing_else) {
  const at::Tensor ones = at::ones({50, 50});
  const at::Tensor first = dropout(ones, 0.5, training(3), "d");
  EXPECT_TRUE(dropout(ones, 0.5, training(3), "d").equal(first));
  EXPECT_FALSE(dropout(ones, 0.5, training(4), "d").equal(first));
  EXPECT_FALSE(dropout(ones, 0.5, training(3), "e").equal(first));
}

TEST(Dropout, a_row_loses_the_same_elements_whatever_rows_stand_before_it_in_the_call) {
  const at::Tensor ones = at::ones({6, 40});
  const at::Tensor whole = dropout(ones, 0.5, training(3), "d");
  EXPECT_TRUE(dropout(ones.narrow(0, 4, 2), 0.5, training(3).from_row(4), "d").equal(whole.narrow(0, 4, 2)));
  EXPECT_FALSE(whole[0].equal(whole[1]));
}

TEST(Dropout, shared_frames_lose_the_same_channels) {
  const at::Tensor dropped = dropout(at::ones({4, 7, 300}), 0.5, training(0), "d", /*share_frames=*/true);
  EXPECT_TRUE(dropped.select(1, 0).equal(dropped.select(1, 6)));
  EXPECT_FALSE(dropped[0].equal(dropped[1]));
}

TEST(Dropout, outside_training_the_input_is_passed_on) {
  const at::Tensor ones = at::ones({5});
  EXPECT_TRUE(dropout(ones, 0.5, Draws({}, false), "d").is_same(ones));
}

// A batch of constant planes has the constant as mean and variance 0; with momentum 0.1 the running ones follow.
TEST(ConvBlock, training_moves_the_running_statistics_and_evaluation_does_not) {
  Weights weights(setup());
  const ConvBlock block(weights, "b", {1, 2, 2, 1});
  const std::vector<std::byte> before = weights.saved(State::Scope::kWeights).value();
  const at::Tensor input = at::full({2, 1, 8, 5}, 1.0, at::kFloat);
  EXPECT_EQ(block(input, false).sizes(), at::IntArrayRef({2, 2, 4, 5}));
  EXPECT_EQ(weights.saved(State::Scope::kWeights).value(), before);
  EXPECT_TRUE(block(input, true).defined());
  EXPECT_NE(weights.saved(State::Scope::kWeights).value(), before);
}

TEST(Gru, a_frame_depends_on_nothing_behind_it_unless_it_runs_backwards_too) {
  Weights weights(setup());
  const Gru forwards(weights, "f", 3, 4, false);
  const Gru both(weights, "b", 3, 4, true);
  at::Tensor input = at::ones({1, 5, 3});
  at::Tensor other = input.clone();
  other.select(1, 4).fill_(9);
  EXPECT_TRUE(forwards(input).select(1, 3).equal(forwards(other).select(1, 3)));
  EXPECT_FALSE(both(input).select(1, 3).equal(both(other).select(1, 3)));
  EXPECT_EQ(both(input).size(2), 8);
}

TEST(Compute, what_libtorch_throws_becomes_an_error) {
  const Status done = compute(1, Gradients::kOff, [] { at::ones({2, 3}).matmul(at::ones({2, 3})); });
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
  EXPECT_NE(done.error().message.find("LibTorch: "), std::string::npos);
}

}  // namespace
}  // namespace earshot::nn
