#include "earshot/nn/weights.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "earshot/nn/stored.h"
#include "weights_folder.h"

namespace earshot::nn {
namespace {

constexpr std::array<std::int64_t, 2> kShape{100, 200};
constexpr std::array<std::int64_t, 1> kThree{3};
constexpr auto kAll = State::Scope::kEverything;

Setup setup(std::string stage, std::uint64_t seed = 1) {
  Setup made;
  made.stage = std::move(stage);
  made.seed = seed;
  made.trainable = true;
  return made;
}

std::vector<float> drawn(const Setup& setup, const std::string& name) {
  Weights weights(setup);
  const std::span<const float> values = values_of(weights.parameter(name, kShape, uniform_fan_in(200)));
  return {values.begin(), values.end()};
}

TEST(Weights, the_same_seed_stage_and_name_draw_the_same_values_and_others_others) {
  const std::vector<float> first = drawn(setup("audio"), "a");
  EXPECT_EQ(drawn(setup("audio"), "a"), first);
  EXPECT_NE(drawn(setup("audio", 2), "a"), first);
  EXPECT_NE(drawn(setup("text"), "a"), first);
  EXPECT_NE(drawn(setup("audio"), "b"), first);
}

// Variance of U(-b, b) is b^2 / 3 = 1 / fan_in.
TEST(Weights, a_uniform_start_has_the_variance_that_it_promises) {
  double squares = 0;
  for (const float value : drawn(setup("audio"), "a"))
    squares += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(squares / 20000, 1.0 / 200, 0.02 / 200);
}

TEST(Weights, a_stage_that_does_not_train_keeps_no_gradients) {
  earshot::Setup frozen = setup("audio");
  frozen.trainable = false;
  EXPECT_FALSE(Weights(frozen).parameter("a", kShape, constant(0)).requires_grad());
  EXPECT_TRUE(Weights(setup("audio")).parameter("a", kShape, constant(0)).requires_grad());
}

TEST(Weights, loading_fills_the_tensors_that_the_network_holds) {
  Weights from(setup("audio"));
  from.parameter("a", kShape, uniform_fan_in(1));
  from.buffer("mean", kThree, std::vector<float>(3, 0.25F));
  Weights to(setup("audio", 2));
  const at::Tensor parameter = to.parameter("a", kShape, constant(0));
  const at::Tensor buffer = to.buffer("mean", kThree, std::vector<float>(3, 0));
  ASSERT_TRUE(to.load(from.saved(kAll).value(), kAll).ok());
  EXPECT_TRUE(parameter.equal(from.parameters()[0].tensor));
  EXPECT_EQ(values_of(buffer)[2], 0.25F);
}

TEST(Weights, weights_of_another_network_change_nothing) {
  Weights from(setup("audio"));
  from.parameter("a", kShape, constant(1));
  Weights to(setup("audio"));
  const at::Tensor mine = to.parameter("a", std::array<std::int64_t, 1>{3}, constant(5));
  const Status loaded = to.load(from.saved(kAll).value(), kAll);
  EXPECT_EQ(loaded.error().message, "tensor 'a' of the weights has shape [100, 200], expected [3]");
  EXPECT_EQ(values_of(mine)[0], 5.0F);
}

TEST(Weights, the_mean_of_saved_weights_is_loaded) {
  std::vector<std::vector<std::byte>> saved;
  for (const double value : {1.0, 2.0, 6.0}) {
    Weights weights(setup("audio"));
    weights.parameter("a", kShape, constant(value));
    saved.push_back(weights.saved(State::Scope::kWeights).value());
  }
  Weights to(setup("audio"));
  const at::Tensor mean = to.parameter("a", kShape, constant(0));
  const std::vector<std::span<const std::byte>> all(saved.begin(), saved.end());
  ASSERT_TRUE(to.load_mean(all).ok());
  EXPECT_EQ(values_of(mean)[0], 3.0F);
}

TEST(Weights, weights_of_another_network_have_no_mean) {
  Weights other(setup("audio"));
  other.parameter("a", kThree, constant(1));
  const std::vector<std::byte> saved = other.saved(kAll).value();
  Weights to(setup("audio"));
  to.parameter("a", kShape, constant(0));
  EXPECT_EQ(to.load_mean(std::vector<std::span<const std::byte>>{saved}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(to.load_mean({}).error().message, "there are no weights to average");
}

TEST(Weights, the_first_tensor_that_is_not_finite_is_named) {
  Weights weights(setup("audio"));
  weights.parameter("a", kShape, constant(1));
  const at::Tensor broken = weights.parameter("b", kShape, constant(1));
  EXPECT_EQ(weights.first_non_finite(), "");
  values_of(broken)[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(weights.first_non_finite(), "b");
  values_of(broken)[7] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(weights.first_non_finite(), "b");
}

TEST(Weights, parameters_are_taken_from_files_where_there_are_some) {
  const WeightsFolder folder;
  const std::vector<std::filesystem::path> files = {
      folder.write("1", StoredTensors{{"a", {{2}, {1, 2}}}, {"mean", {{1}, {3}}}})};
  Loading loading(WeightFiles::open(files).value(), {});
  Weights weights(setup("audio"), &loading);
  const std::array<std::int64_t, 1> two{2};
  const at::Tensor parameter = weights.parameter("a", two, uniform_fan_in(2));
  EXPECT_EQ(weights.parameter("absent", two, constant(7)).numel(), 0);  // takes no memory
  EXPECT_EQ(values_of(weights.buffer("mean", std::array<std::int64_t, 1>{1}, std::array{0.0F}))[0], 3);
  EXPECT_EQ(values_of(parameter)[1], 2);
  EXPECT_TRUE(parameter.requires_grad());
  EXPECT_NE(loading.finish().error().message.find("1 missing: absent"), std::string::npos);
}

}  // namespace
}  // namespace earshot::nn
