#include "earshot/nn/weight_files.h"

#include <gtest/gtest.h>

#include "weights_folder.h"

namespace earshot::nn {
namespace {

namespace fs = std::filesystem;

const StoredTensors kFirst = {{"a", {{2}, {1, 2}}}};
const StoredTensors kSecond = {{"b", {{1, 2}, {3, 4}}}};

ErrorCode refusal(const std::vector<fs::path>& files) { return WeightFiles::open(files).error().code; }

TEST(WeightFiles, several_files_are_one_list_by_name) {
  const WeightsFolder folder;
  const std::vector<fs::path> files = {folder.write("2", kSecond), folder.write("1", kFirst)};
  const WeightFiles opened = WeightFiles::open(files).value();
  ASSERT_EQ(opened.tensors().size(), 2U);
  EXPECT_EQ(opened.tensors()[0].name, "a");
  std::vector<float> values(2);
  copy_values(*opened.find("b"), values);
  EXPECT_EQ(values, (std::vector<float>{3, 4}));
  EXPECT_EQ(opened.find("c"), nullptr);
}

TEST(WeightFiles, a_tensor_can_be_read_again_after_its_pages_were_given_back) {
  const WeightsFolder folder;
  const std::vector<float> ramp(100'000, 0.5F);
  const std::vector<fs::path> files = {folder.write("1", StoredTensors{{"x", {{100'000}, ramp}}})};
  const WeightFiles opened = WeightFiles::open(files).value();
  MappedFile::release(opened.find("x")->bytes);
  std::vector<float> values(ramp.size());
  copy_values(*opened.find("x"), values);
  EXPECT_EQ(values, ramp);
}

TEST(WeightFiles, what_cannot_be_read_is_named) {
  const WeightsFolder folder;
  EXPECT_EQ(refusal({folder.path() / "absent"}), ErrorCode::kNotFound);
  EXPECT_EQ(refusal({folder.path()}), ErrorCode::kIo);
  EXPECT_EQ(refusal({folder.write("empty", "")}), ErrorCode::kCorruptInput);
  EXPECT_EQ(refusal({folder.write("text", "no tensors")}), ErrorCode::kCorruptInput);
  EXPECT_EQ(refusal({folder.write("1", kFirst), folder.write("2", kFirst)}), ErrorCode::kCorruptInput);
}

}  // namespace
}  // namespace earshot::nn
