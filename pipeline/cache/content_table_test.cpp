#include "earshot/pipeline/cache/content_table.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace earshot::cache {
namespace {

namespace fs = std::filesystem;

class ContentTableTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("earshot-content-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "data/a");
    write("data/a/x.wav", "owl");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& file, const std::string& text) { std::ofstream(folder_ / file, std::ios::binary) << text; }
  // The id of data/a/x.wav and how many bytes were read for it.
  std::pair<std::string, std::int64_t> ask(Hashing hashing = Hashing::kOnce, const fs::path& data = "data") {
    const auto table = ContentTable::open(folder_ / "content-ids", hashing).value();
    const Result<std::string> id = table->of_file(folder_ / data, "a/x.wav");
    return {id.ok() ? *id : id.error().message, table->bytes_read()};
  }

  fs::path folder_;
};

TEST_F(ContentTableTest, a_file_is_read_once) {
  EXPECT_EQ(ask(), std::pair(content_id("owl"), std::int64_t{3}));
  EXPECT_EQ(ask(), std::pair(content_id("owl"), std::int64_t{0}));
}

TEST_F(ContentTableTest, another_content_is_another_id) {
  ask();
  write("data/a/x.wav", "owls");
  EXPECT_EQ(ask().first, content_id("owls"));
}

TEST_F(ContentTableTest, the_same_size_with_another_time_is_read_anew) {
  ask();
  write("data/a/x.wav", "cat");
  fs::last_write_time(folder_ / "data/a/x.wav", fs::file_time_type::clock::now() + std::chrono::seconds(2));
  EXPECT_EQ(ask(), std::pair(content_id("cat"), std::int64_t{3}));
}

TEST_F(ContentTableTest, a_folder_may_be_moved) {
  ask();
  fs::rename(folder_ / "data", folder_ / "elsewhere");
  EXPECT_EQ(ask(Hashing::kOnce, "elsewhere").second, 0);
}

TEST_F(ContentTableTest, sums_beside_the_data_travel_with_it) {
  EXPECT_EQ(write_sums(folder_ / "data")->files, 1);
  const auto time = fs::last_write_time(folder_ / "data/a/x.wav");
  fs::copy(folder_ / "data", folder_ / "copy", fs::copy_options::recursive);
  fs::last_write_time(folder_ / "copy/a/x.wav", time);
  EXPECT_EQ(ask(Hashing::kOnce, "copy"), std::pair(content_id("owl"), std::int64_t{0}));
}

TEST_F(ContentTableTest, a_damaged_line_is_passed_over) {
  ask();
  std::fstream file(folder_ / "content-ids", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20);
  file.put('~');
  file.close();
  EXPECT_EQ(ask(), std::pair(content_id("owl"), std::int64_t{3}));
}

TEST_F(ContentTableTest, a_line_cut_off_spoils_no_other) {
  ask();
  fs::resize_file(folder_ / "content-ids", 30);
  EXPECT_EQ(ask().second, 3);
  EXPECT_EQ(ask().second, 0);
}

TEST_F(ContentTableTest, nothing_is_read_where_that_was_asked_and_everything_where_that_was) {
  EXPECT_NE(ask(Hashing::kNever).first.find("not hashed yet"), std::string::npos);
  ask();
  EXPECT_EQ(ask(Hashing::kNever).first, content_id("owl"));
  EXPECT_EQ(ask(Hashing::kAnew).second, 3);
}

}  // namespace
}  // namespace earshot::cache
