#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "earshot/contract/plugin.h"
#include "earshot/nn/loss.h"
#include "earshot/nn/stored.h"
#include "earshot/nn/weights.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

constexpr auto kEverything = State::Scope::kEverything;

// A stage "net" with parameters w = (1, -2, 3) and b = (0.5), and adam connected to it. The loss is
// sum(w^2 (1, 2, 3)) + 4 b, so that its gradients are (2, -8, 18) and 4 at the start.
class AdamStage : public ::testing::Test {
 protected:
  void connect(const OptionValues& options, std::vector<ParameterGroup> groups = {}) {
    earshot::Setup setup;
    setup.groups = std::move(groups);
    stage_ = earshot_plugin()->create(options, setup).value();
    status_ = adam().connect(std::vector<Connection>{{"net", static_cast<nn::Parameters*>(&weights_)}});
  }
  Step& adam() { return dynamic_cast<Step&>(*stage_); }

  Result<std::vector<Metric>> step(std::int64_t number = 0, std::int64_t total = 100, double value = 1) {
    const at::Tensor squares = w_.mul(w_).mul(factors_).sum().add(b_.sum().mul(4));
    const std::vector<std::string> names = {"loss"};
    const std::vector<std::vector<Row>> rows = {{{"loss", {}, std::make_shared<const Loss>(value, squares, 1.0)}}};
    Context context{.step = number, .total_steps = total, .training = true, .stage = "adam"};
    return adam().step(BatchInputs(names, rows), context);
  }

  static at::Tensor filled(const at::Tensor& tensor, std::vector<float> values) {
    std::copy(values.begin(), values.end(), nn::values_of(tensor).begin());
    return tensor;
  }
  static earshot::Setup trainable() {
    earshot::Setup setup;
    setup.stage = "net";
    setup.trainable = true;
    return setup;
  }
  // w, then b.
  void expect_values(std::array<double, 4> expected) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(nn::values_of(w_)[i], expected[i], 2e-6);
    EXPECT_NEAR(nn::values_of(b_)[0], expected[3], 2e-6);
  }

  nn::Weights weights_{trainable()};
  at::Tensor w_ = filled(weights_.parameter("w", std::array<std::int64_t, 1>{3}, nn::constant(0)), {1, -2, 3});
  at::Tensor b_ = weights_.parameter("b", std::array<std::int64_t, 1>{1}, nn::constant(0.5));
  at::Tensor factors_ =
      nn::Weights(earshot::Setup()).buffer("f", std::array<std::int64_t, 1>{3}, std::array<float, 3>{1, 2, 3});
  std::unique_ptr<Stage> stage_;
  Status status_;
};

const OptionValues kPlain = {{"lr", {1.0}}, {"warm_up", {0.0}}, {"floor", {1.0}}};  // rate 1 at every step

OptionValues with(OptionValues options, const char* name, OptionValue value) {
  options[name] = std::move(value);
  return options;
}

// torch.optim.Adam(lr=1) of PyTorch 2.13, three steps of the same loss.
TEST_F(AdamStage, three_steps_are_those_of_pytorch) {
  connect(kPlain);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(step(i).ok());
  expect_values({-0.74437565, 0.67180920, 0.13288957, -2.50000000});
}

// The same with weight_decay=4; below torch.optim.AdamW with weight_decay=0.5.
TEST_F(AdamStage, weight_decay_goes_through_the_gradient) {
  connect(with(kPlain, "weight_decay", {4.0}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(step(i).ok());
  expect_values({-0.74437571, 0.67180920, 0.13288963, -1.88047290});
}

TEST_F(AdamStage, decoupled_weight_decay_acts_on_the_parameters) {
  connect(with(with(kPlain, "weight_decay", {0.5}), "decoupled", {true}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(step(i).ok());
  expect_values({-0.17701226, 0.62298876, -0.75261742, -1.68750000});
}

TEST_F(AdamStage, loss_rate_and_gradient_norm_are_reported) {
  connect(kPlain);
  const std::vector<Metric> metrics = step(0, 100, 7.5).value();
  EXPECT_EQ(metrics[0].value, 7.5);
  EXPECT_DOUBLE_EQ(metrics[1].value, 1);
  EXPECT_NEAR(metrics[2].value, std::sqrt(4.0 + 64 + 324 + 16), 1e-5);
}

TEST_F(AdamStage, the_rate_warms_up) {
  connect({{"lr", {0.1}}, {"warm_up", {0.1}}});
  EXPECT_NEAR(step(0, 100).value()[1].value, 0.01, 1e-12);
  EXPECT_NEAR(step(55, 100).value()[1].value, 0.05, 1e-12);
}

// Adam forgets the length of gradients but not their changes: the second of two steps differs once the first was cut.
TEST_F(AdamStage, a_clipped_gradient_is_no_longer_than_asked_for) {
  connect(with(kPlain, "clip", {1.0}));
  ASSERT_TRUE(step().ok());
  double squares = 0;
  for (const at::Tensor& one : {w_, b_})
    for (const float value : nn::values_of(one.grad()))
      squares += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(std::sqrt(squares), 1, 1e-5);
}

TEST_F(AdamStage, a_loss_that_is_not_finite_updates_nothing) {
  connect(kPlain);
  EXPECT_EQ(step(0, 100, std::nan("")).error().code, ErrorCode::kNonFinite);
  expect_values({1, -2, 3, 0.5});
}

TEST_F(AdamStage, a_gradient_that_is_not_finite_updates_nothing_and_names_the_first_parameter) {
  connect(kPlain);
  nn::values_of(factors_)[1] = std::numeric_limits<float>::infinity();
  const Result<std::vector<Metric>> result = step();
  EXPECT_NE(result.error().message.find("the gradient of 'net/w' holds NaN"), std::string::npos);
  expect_values({1, -2, 3, 0.5});
}

TEST_F(AdamStage, a_frozen_group_stays_and_another_has_its_own_rate) {
  connect(kPlain, {{.match = "net/w", .frozen = true}, {.match = "net/.*", .lr = 1.5}});
  ASSERT_TRUE(step().ok());
  expect_values({1, -2, 3, 0.5 - 1.5});
}

TEST_F(AdamStage, a_group_that_matches_nothing_is_refused_with_names_that_there_are) {
  connect(kPlain, {{.match = "net/x"}});
  EXPECT_NE(status_.error().message.find("such as 'net/w', 'net/b'"), std::string::npos);
  connect(kPlain, {{.match = "net/("}});
  EXPECT_EQ(status_.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(AdamStage, a_saved_state_goes_on_with_the_same_bits_whether_loaded_before_or_after_connecting) {
  connect(kPlain);
  ASSERT_TRUE(step(0).ok());
  const auto saved = stage_->state()->saved(kEverything).value();
  const std::vector<float> middle = nn::store(w_).values;
  ASSERT_TRUE(step(1).ok());
  const std::vector<float> expected = nn::store(w_).values;
  for (const bool before : {true, false}) {
    filled(w_, middle);
    stage_ = earshot_plugin()->create(kPlain, {}).value();
    if (before) {
      ASSERT_TRUE(stage_->state()->load(saved, kEverything).ok());
    }
    ASSERT_TRUE(adam().connect(std::vector<Connection>{{"net", static_cast<nn::Parameters*>(&weights_)}}).ok());
    if (!before) {
      ASSERT_TRUE(stage_->state()->load(saved, kEverything).ok());
    }
    ASSERT_TRUE(step(1).ok());
    EXPECT_EQ(nn::store(w_).values, expected);
  }
}

}  // namespace
}  // namespace earshot
