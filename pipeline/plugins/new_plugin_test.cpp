// What is written is built and run by tests/consumer.
#include "earshot/pipeline/plugins/new_plugin.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace earshot::plugins {
namespace {

namespace fs = std::filesystem;

class NewPlugin : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string text(const std::string& file) const {
    std::ifstream stream(folder_ / file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  const fs::path folder_ = fs::temp_directory_path() / ("earshot_new_plugin_" + std::to_string(getpid()));
};

TEST_F(NewPlugin, the_source_is_one_file_of_at_most_40_lines) {
  ASSERT_TRUE(new_plugin("soft_clip", folder_).ok());
  const std::string source = text("soft_clip.cpp");
  EXPECT_LE(std::ranges::count(source, '\n'), 40);
  EXPECT_NE(source.find("EARSHOT_PLUGIN(SoftClip)"), std::string::npos);
  for (const char* file : {"soft_clip.cpp", "CMakeLists.txt", "README.md", "graph.toml"}) {
    EXPECT_NE(text(file).find("soft_clip"), std::string::npos) << file;
    EXPECT_EQ(text(file).find('@'), std::string::npos) << file;
  }
}

TEST_F(NewPlugin, a_name_that_is_none_is_refused) {
  for (const char* name : {"", "Gain", "2x", "a-b", "a/b", "../a", "a b"})
    EXPECT_EQ(new_plugin(name, folder_).error().code, ErrorCode::kInvalidArgument) << name;
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(NewPlugin, what_is_there_is_left_alone) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "README.md") << "mine";
  EXPECT_EQ(new_plugin("gain2", folder_).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(text("README.md"), "mine");
}

}  // namespace
}  // namespace earshot::plugins
