#include <gtest/gtest.h>

#include "batch_stage.h"

namespace earshot {
namespace {

using Windows = std::vector<std::vector<float>>;

Result<std::vector<float>> pooled(const Windows& windows, const char* how) {
  const auto stage = earshot_plugin()->create({{"how", {std::string(how)}}}, {}).value();
  const std::vector<std::string> names = {"embedding"};
  std::vector<std::vector<PayloadPtr>> payloads;
  for (const auto& values : windows) payloads.push_back({std::make_shared<const PlainEmbedding>(values)});
  std::vector<Inputs> children;
  for (const auto& one : payloads) children.emplace_back(names, one);
  Context context;
  Result<Outputs> outputs = dynamic_cast<const Collapse&>(*stage).collapse(children, context);
  if (!outputs.ok()) return outputs.error();
  return testing::values_of_row({"", "", (*outputs)[0]});
}

TEST(Pool, the_mean_is_value_by_value) {
  EXPECT_EQ(pooled({{1, -2}, {2, 0}, {6, 5}}, "mean").value(), (std::vector<float>{3, 1}));
}

TEST(Pool, the_maximum_is_value_by_value_also_below_zero) {
  EXPECT_EQ(pooled({{-4, -2}, {-3, -9}}, "max").value(), (std::vector<float>{-3, -2}));
}

TEST(Pool, one_window_is_passed_on_as_it_is) {
  EXPECT_EQ(pooled({{0.1F, -7}}, "mean").value(), (std::vector<float>{0.1F, -7}));
}

TEST(Pool, windows_of_different_width_are_an_error) {
  EXPECT_EQ(pooled({{1, 2}, {1}}, "mean").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
