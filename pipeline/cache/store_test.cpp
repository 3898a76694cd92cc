#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "store_fixture.h"

namespace earshot::cache {
namespace {

TEST_F(StoreTest, what_was_committed_is_read_back) {
  ASSERT_TRUE(write(0, 100, 30).ok());
  EXPECT_EQ(right_values(150), 100);
}

TEST_F(StoreTest, what_was_not_committed_is_not_there) {
  {
    Result<Store> store = open(Mode::kWrite);
    Result<Writer> writer = Writer::of(*store);
    ASSERT_TRUE(put(*writer, 1).ok());
    EXPECT_EQ(*read(*store, 1), "");
    EXPECT_GT(writer->uncommitted_bytes(), 0U);
  }
  EXPECT_EQ(right_values(2), 0);
}

TEST_F(StoreTest, a_store_that_is_written_sees_its_own_commits) {
  Result<Store> store = open(Mode::kWrite);
  Result<Writer> writer = Writer::of(*store);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(put(*writer, i).ok());
    ASSERT_TRUE(writer->commit().ok());
    EXPECT_EQ(*read(*store, i), value(i));
  }
  EXPECT_EQ(*read(*store, 0), value(0));
}

TEST_F(StoreTest, a_store_goes_on_where_it_ended) {
  ASSERT_TRUE(write(0, 10, 3).ok());
  ASSERT_TRUE(write(10, 20, 3).ok());
  EXPECT_EQ(right_values(20), 20);
}

TEST_F(StoreTest, readers_are_welcome_beside_a_writer_and_see_what_was_committed_before) {
  ASSERT_TRUE(write(0, 5).ok());
  Result<Store> store = open(Mode::kWrite);
  Result<Writer> writer = Writer::of(*store);
  const Result<Store> reader = open(Mode::kRead);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  for (int i = 5; i < 100; ++i) {
    ASSERT_TRUE(put(*writer, i).ok());
    ASSERT_TRUE(writer->commit().ok());
  }
  EXPECT_EQ(*read(*reader, 4), value(4));
  EXPECT_EQ(*read(*reader, 50), "");
  EXPECT_EQ(right_values(100), 100);
}

TEST_F(StoreTest, a_second_writer_is_told_which_process_writes) {
  const Result<Store> first = open(Mode::kWrite);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const Result<Store> second = open(Mode::kWrite);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().message;
}

TEST_F(StoreTest, a_store_that_only_reads_has_no_writer) {
  ASSERT_TRUE(write(0, 1).ok());
  Result<Store> store = open(Mode::kRead);
  EXPECT_EQ(Writer::of(*store).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(StoreTest, a_folder_without_a_store_is_not_found) {
  EXPECT_EQ(open(Mode::kRead).error().code, ErrorCode::kNotFound);
}

TEST_F(StoreTest, a_put_that_exceeds_the_buffer_commits_by_itself) {
  Result<Store> store = open(Mode::kWrite);
  Result<Writer> writer = Writer::of(*store, /*commit_bytes=*/20000);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(*writer, i).ok());
  EXPECT_LT(writer->uncommitted_bytes(), 20000U);
  EXPECT_EQ(*read(*store, 0), value(0));
}

TEST_F(StoreTest, values_lie_at_multiples_of_64_bytes) {
  ASSERT_TRUE(write(0, 100, 30).ok());
  const Result<Store> store = open(Mode::kRead);
  ASSERT_TRUE(store
                  ->for_each([](const Entry& entry) {
                    EXPECT_EQ(entry.offset % 64, 0U) << entry.item << ", " << entry.bytes << " bytes";
                    return Status{};
                  })
                  .ok());
}

TEST_F(StoreTest, a_store_of_the_format_before_is_read_and_becomes_one_of_this_when_it_is_written) {
  ASSERT_TRUE(write(0, 10).ok());
  std::ofstream(store_ / "format") << "earshot store\nformat 1\n";
  EXPECT_EQ(right_values(10), 10);
  ASSERT_TRUE(write(10, 20).ok());
  EXPECT_EQ(right_values(20), 20);
  std::ifstream format(store_ / "format");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(format), {}), "earshot store\nformat 2\n");
}

TEST_F(StoreTest, a_folder_of_shards_reads_as_one) {
  ASSERT_TRUE(write(0, 10, 10, "shard-0").ok());
  ASSERT_TRUE(write(10, 20, 10, "shard-1").ok());
  EXPECT_EQ(right_values(20), 20);
  int entries = 0;
  ASSERT_TRUE(open(Mode::kRead)
                  ->for_each([&](const Entry& /*entry*/) {
                    ++entries;
                    return Status{};
                  })
                  .ok());
  EXPECT_EQ(entries, 20);
}

TEST_F(StoreTest, a_shard_that_is_written_reads_the_others_too) {
  ASSERT_TRUE(write(0, 10, 10, "shard-0").ok());
  const Result<Store> store = open(Mode::kWrite, "shard-1");
  EXPECT_EQ(*read(*store, 3), value(3));
}

TEST_F(StoreTest, the_latest_record_of_an_item_says_what_its_key_was_made_of) {
  Result<Store> store = open(Mode::kWrite);
  Result<Writer> writer = Writer::of(*store);
  ASSERT_TRUE(put(*writer, 7, "10").ok());
  ASSERT_TRUE(writer->commit().ok());
  const Result<std::optional<Entry>> latest = store->latest("logmel", "item7");
  ASSERT_TRUE(latest.ok() && *latest);
  EXPECT_EQ((*latest)->key, key(7));
  EXPECT_EQ((*latest)->content, "content");
  EXPECT_EQ(**store->description((*latest)->description), stage("10"));
  EXPECT_FALSE(*store->latest("logmel", "item8"));
  EXPECT_FALSE(*store->latest("decode", "item7"));
}

TEST_F(StoreTest, a_description_is_kept_once) {
  ASSERT_TRUE(write(0, 10, 2).ok());
  ASSERT_TRUE(write(10, 20, 2).ok());
  EXPECT_EQ(open(Mode::kRead)->descriptions()->size(), 1U);
}

TEST_F(StoreTest, several_threads_may_put_and_read) {
  Result<Store> store = open(Mode::kWrite);
  Result<Writer> writer = Writer::of(*store, /*commit_bytes=*/50000);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        for (int i = t; i < 200; i += 2) {
          EXPECT_TRUE(put(*writer, i).ok());
          EXPECT_TRUE(read(*store, i / 2).ok());
        }
      });
  }
  ASSERT_TRUE(writer->commit().ok());
  store = open(Mode::kRead);
  EXPECT_EQ(right_values(200), 200);
}

TEST_F(StoreTest, last_use_is_known_to_the_day_after_a_read) {
  ASSERT_TRUE(write(0, 1).ok());
  { EXPECT_EQ(*read(*open(Mode::kWrite), 0), value(0)); }
  EXPECT_TRUE(std::filesystem::exists(store_ / "last_use"));
}

TEST_F(StoreTest, a_key_is_written_as_hexadecimal_digits_and_read_back) {
  const std::string hex = "00112233445566778899aabbccddeeff";
  EXPECT_EQ(to_hex(*content_key_of(hex)), hex);
  EXPECT_FALSE(content_key_of("00112233445566778899aabbccddeefg"));
  EXPECT_FALSE(content_key_of("0011"));
}

}  // namespace
}  // namespace earshot::cache
