#include <cmath>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/nn/parameters.h"
#include "earshot/nn/rows.h"
#include "earshot/nn/stored.h"

namespace earshot {
namespace {

using testing::BatchStage;
using testing::embedding_row;
using testing::values_of_row;

Setup three_wide() { return testing::trainable({{"embedding", {{"dim", "3"}}}}); }
BatchStage projection(std::int64_t hidden = 0) {
  return BatchStage({{"dim", {std::int64_t{2}}}, {"hidden", {hidden}}}, three_wide());
}
const testing::RowsByPort kRows = {{"embedding", {embedding_row("a", {1, 2, 3}), embedding_row("b", {0, 0, 9})}}};

std::span<const nn::NamedTensor> parameters(BatchStage& stage) {
  return static_cast<nn::Parameters*>(stage.stage().capability(nn::kParametersCapability))->parameters();
}
void set(const nn::NamedTensor& parameter, std::vector<float> values) {
  std::ranges::copy(values, nn::values_of(parameter.tensor).begin());
}

// By hand: W = [[1, 0, 0], [0, 1, 0]], b = [2, 2]: (1 + 2, 2 + 2) = (3, 4), of length 5.
TEST(Project, an_embedding_is_mapped_and_scaled_to_unit_length) {
  BatchStage stage = projection();
  set(parameters(stage)[0], {1, 0, 0, 0, 1, 0});
  set(parameters(stage)[1], {2, 2});
  const BatchOutputs outputs = stage.process(kRows, false).value();
  EXPECT_EQ(outputs.ports[0][0].id, "a");
  EXPECT_FLOAT_EQ(values_of_row(outputs.ports[0][0])[0], 0.6F);
  EXPECT_FLOAT_EQ(values_of_row(outputs.ports[0][0])[1], 0.8F);
}

TEST(Project, a_row_of_zeros_stays_one) {
  BatchStage stage = projection();
  set(parameters(stage)[1], {0, 0});
  const BatchOutputs outputs = stage.process({{"embedding", {embedding_row("a", {0, 0, 0})}}}, false).value();
  EXPECT_EQ(values_of_row(outputs.ports[0][0]), (std::vector<float>{0, 0}));
}

TEST(Project, a_hidden_layer_adds_its_parameters) {
  BatchStage stage = projection(7);
  ASSERT_EQ(parameters(stage).size(), 4U);
  EXPECT_EQ(parameters(stage)[2].name, "2.weight");
  EXPECT_EQ(values_of_row(stage.process(kRows, false).value().ports[0][1]).size(), 2U);
}

TEST(Project, gradients_flow_in_training_only) {
  BatchStage stage = projection();
  const auto requires_grad = [&](bool training) {
    return nn::stack_embeddings(stage.process(kRows, training).value().ports[0]).requires_grad();
  };
  EXPECT_TRUE(requires_grad(true));
  EXPECT_FALSE(requires_grad(false));
}

TEST(Project, the_width_of_its_input_must_be_known) {
  EXPECT_EQ(BatchStage::make({}, testing::trainable()).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace earshot
