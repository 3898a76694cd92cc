#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "earshot/audio/recording.h"
#include "earshot/contract/plugin.h"
#include "wav_file.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

namespace fs = std::filesystem;

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() : folder_(fs::temp_directory_path() / ("earshot_files_" + std::to_string(getpid()))) {}
  void TearDown() override { fs::remove_all(folder_); }

  std::string sound(const std::string& name) const {
    testing::write_wav(folder_ / name);
    return (folder_ / name).string();
  }
  // The view over `paths`.
  std::unique_ptr<View> view(const std::vector<std::string>& paths) {
    OptionValue::List values;
    for (const std::string& path : paths) values.push_back({path});
    stage_ = earshot_plugin()->create({{"paths", {std::move(values)}}}, earshot::Setup{}).value();
    return dynamic_cast<const Source&>(*stage_).open("recordings", "").value();
  }

  fs::path folder_;
  std::unique_ptr<Stage> stage_;
};

TEST_F(FilesTest, files_come_in_the_order_of_the_graph_under_their_paths) {
  const std::string owl = sound("owl #1.wav");
  const std::string bell = sound("bell.wav");
  const auto two = view({owl, bell});
  ASSERT_EQ(two->size(), 2);
  EXPECT_EQ(two->header(0).id, folder_.string() + "/owl %231.wav");
  EXPECT_EQ(two->header(1).id, bell);
  EXPECT_EQ(dynamic_cast<const Recording&>(*two->record(0).value()[0]).content().name(), owl);
}

TEST_F(FilesTest, a_file_that_is_named_twice_comes_twice_and_is_one_clip) {
  const std::string owl = sound("owl.wav");
  const auto twice = view({owl, owl});
  ASSERT_EQ(twice->size(), 2);
  EXPECT_EQ(twice->header(1).id, owl + ":2");
  EXPECT_EQ(twice->header(1).related, "2");
  EXPECT_EQ(twice->header(1).clip, twice->header(0).clip);
  EXPECT_EQ(twice->content_id(0, 0).value(), twice->content_id(1, 0).value());
}

TEST_F(FilesTest, a_file_that_is_not_there_fails_alone) {
  const auto two = view({(folder_ / "none.wav").string(), sound("owl.wav")});
  ASSERT_FALSE(two->record(0).ok());
  EXPECT_EQ(two->record(0).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(two->record(1).ok());
}

TEST_F(FilesTest, without_any_there_is_nothing_to_read) { EXPECT_EQ(view({})->size(), 0); }

TEST_F(FilesTest, a_split_is_refused) {
  (void)view({});
  const auto opened = dynamic_cast<const Source&>(*stage_).open("recordings", "test");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
