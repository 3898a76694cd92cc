#include "container.h"

#include <fstream>

#include <gtest/gtest.h>

#include "earshot/pipeline/report/run_folder.h"

namespace earshot::run {
namespace {

class ContainerFile : public ::testing::Test {
 public:
  ContainerFile()
      : path_(std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()),
        folder_(report::RunFolder::open(path_, true).value()) {}
  ~ContainerFile() override { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path file() const { return path_ / "x.state"; }
  // Blobs of so many bytes each, in two pieces.
  Status write(const std::vector<std::pair<std::string, std::size_t>>& blobs) {
    return folder_.replace("x.state", [&](const ByteSink& sink) -> Status {
      ContainerWriter writer(sink);
      for (const auto& [name, size] : blobs) {
        const std::vector<std::byte> half(size / 2, std::byte{7});
        Status written = writer.blob(name, [&](const ByteSink& blob) {
          const Status first = blob(half);
          return first.ok() ? blob(half) : first;
        });
        if (!written.ok()) return written;
      }
      return writer.finish({{"step", 3}});
    });
  }
  void change(std::size_t at) const {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put('!');
  }

 protected:
  std::filesystem::path path_;
  report::RunFolder folder_;
};

TEST_F(ContainerFile, what_was_written_is_read_back_and_empty_blobs_are_left_out) {
  ASSERT_TRUE(write({{"a", 6}, {"none", 0}, {"large", 5 << 20}}).ok());
  const Result<Container> read = read_container(file());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->meta.at("step"), 3);
  ASSERT_EQ(read->blobs.size(), 2U);
  EXPECT_EQ(read->blobs[0].first, "a");
  EXPECT_EQ(read->blobs[1].second.size(), 5U << 20);
  EXPECT_EQ(read->blobs[1].second.back(), std::byte{7});
}

TEST_F(ContainerFile, a_byte_changed_anywhere_is_noticed) {
  ASSERT_TRUE(write({{"a", 100}}).ok());
  const std::size_t size = std::filesystem::file_size(file());
  for (std::size_t at = 0; at < size; at += 9) {
    ASSERT_TRUE(write({{"a", 100}}).ok());
    change(at);
    EXPECT_EQ(read_container(file()).error().code, ErrorCode::kCorruptInput) << at;
  }
}

TEST_F(ContainerFile, cut_off_anywhere_it_is_refused) {
  ASSERT_TRUE(write({{"a", 100}}).ok());
  for (std::size_t size = std::filesystem::file_size(file()); size-- > 0;) {
    std::filesystem::resize_file(file(), size);
    EXPECT_EQ(read_container(file()).error().code, ErrorCode::kCorruptInput) << size;
  }
}

TEST_F(ContainerFile, a_state_that_cannot_be_saved_leaves_the_one_before) {
  ASSERT_TRUE(write({{"a", 100}}).ok());
  const Status failed = folder_.replace("x.state", [](const ByteSink& sink) -> Status {
    ContainerWriter writer(sink);
    return writer.blob("a", [](const ByteSink&) { return Status(Error{ErrorCode::kInternal, "no"}); });
  });
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_FALSE(std::filesystem::exists(file().string() + ".tmp"));
  EXPECT_TRUE(read_container(file()).ok());
}

}  // namespace
}  // namespace earshot::run
