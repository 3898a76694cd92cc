#include "earshot/nn/loading.h"

#include <array>

#include <gtest/gtest.h>

#include "weights_folder.h"

namespace earshot::nn {
namespace {

constexpr std::array<std::int64_t, 1> kTwo{2};
constexpr std::array<std::int64_t, 1> kThree{3};

class LoadingFiles : public ::testing::Test {
 protected:
  Loading load(const StoredTensors& tensors, const KeyRules& rules = {}) {
    const std::vector<std::filesystem::path> files = {folder_.write("model.safetensors", tensors)};
    return {WeightFiles::open(files).value(), rules};
  }
  std::string problem(const Loading& loading) {
    const Status all = loading.finish();
    return all.ok() ? "" : all.error().message;
  }

  WeightsFolder folder_;
  std::vector<float> two_ = {0, 0};
  std::vector<float> three_ = {0, 0, 0};
};

TEST_F(LoadingFiles, official_keys_become_names_of_parameters) {
  const KeyRules rules{.prefixes = {"bert."}, .endings = {{".gamma", ".weight"}}, .ignored = {"cls."}};
  Loading loading = load({{"bert.norm.gamma", {{2}, {1, 2}}}, {"cls.bias", {{1}, {9}}}}, rules);
  EXPECT_TRUE(loading.has("norm.weight"));
  loading.take("norm.weight", kTwo, two_);
  EXPECT_EQ(two_, (std::vector<float>{1, 2}));
  EXPECT_EQ(problem(loading), "");
}

TEST_F(LoadingFiles, everything_that_does_not_fit_is_listed_at_once) {
  Loading loading = load({{"a", {{2}, {1, 2}}}, {"left", {{1}, {0}}}, {"over", {{1}, {0}}}});
  loading.take("a", kThree, three_);
  loading.take("b", kTwo, two_);
  loading.take("c", kTwo, two_);
  EXPECT_EQ(
      problem(loading),
      "the weights do not fit this network; 2 missing: b, c; 1 of another shape or type: a F32 [2], expected [3]; "
      "2 left over: left, over");
  EXPECT_EQ(three_, (std::vector<float>{0, 0, 0}));
}

TEST_F(LoadingFiles, a_tensor_of_two_names_is_read_under_either) {
  const KeyRules rules{.prefixes = {}, .endings = {}, .ignored = {}, .aliases = {{"embed", "shared"}}};
  for (const auto& tensors : {StoredTensors{{"embed", {{2}, {1, 2}}}}, StoredTensors{{"shared", {{2}, {1, 2}}}},
                              StoredTensors{{"embed", {{2}, {1, 2}}}, {"shared", {{2}, {1, 2}}}}}) {
    Loading loading = load(tensors, rules);
    EXPECT_TRUE(loading.fits("shared", kTwo));
    loading.take("shared", kTwo, two_);
    EXPECT_EQ(problem(loading), "");
  }
}

TEST_F(LoadingFiles, what_fits_is_known_before_memory_is_taken) {
  const Loading loading = load({{"a", {{2}, {1, 2}}}});
  EXPECT_TRUE(loading.fits("a", kTwo));
  EXPECT_FALSE(loading.fits("a", kThree));
  EXPECT_FALSE(loading.fits("b", kTwo));
  EXPECT_EQ(problem(loading), "the weights do not fit this network; 1 left over: a");
}

TEST_F(LoadingFiles, two_keys_that_become_one_name_are_no_guess) {
  Loading loading = load({{"bert.a", {{2}, {1, 2}}}, {"a", {{2}, {3, 4}}}}, {.prefixes = {"bert."}});
  loading.take("a", kTwo, two_);
  EXPECT_NE(problem(loading).find("1 twice under one name: bert.a"), std::string::npos);
}

}  // namespace
}  // namespace earshot::nn
