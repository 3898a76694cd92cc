#include "earshot/pipeline/cache/maintain.h"

#include <fstream>

#include "store_fixture.h"

namespace earshot::cache {
namespace {

class Maintain : public StoreTest {
 protected:
  Status erase_records(int first, int last) const {
    Result<Store> store = open(Mode::kWrite);
    if (!store.ok()) return store.error();
    std::vector<ContentKey> keys;
    for (int i = first; i < last; ++i) keys.push_back(key(i));
    return erase(*store, keys);
  }
  std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(store_))
      if (file.path().extension() == ".sst") bytes += file.file_size();
    return bytes;
  }
  // The table that holds a record's value is removed.
  void lose_table_of(int number) const {
    Result<Store> store = open(Mode::kWrite);
    const ContentKey wanted = key(number);
    const std::uint64_t ordinal = store->find({&wanted, 1})->front()->ordinal;
    for (const Table& table : StoreFiles::of(*store).written()->database().value_tables())
      if (table.first <= ordinal && ordinal <= table.last) std::filesystem::remove(table.file);
  }
};

TEST_F(Maintain, a_whole_store_is_verified_clean) {
  ASSERT_TRUE(write(0, 50, 20).ok());
  const Verification found = verify(*open(Mode::kRead));
  EXPECT_EQ(found.records, 50U);
  EXPECT_TRUE(found.lost.empty());
}

TEST_F(Maintain, erased_records_are_gone_the_others_stay_and_their_room_comes_back) {
  ASSERT_TRUE(write(0, 100, 10).ok());
  const std::uint64_t before = bytes_on_disk();
  const Status erased = erase_records(5, 95);
  ASSERT_TRUE(erased.ok()) << erased.error().message;
  EXPECT_EQ(right_values(100), 10);
  EXPECT_LT(bytes_on_disk(), before / 2);
  EXPECT_TRUE(verify(*open(Mode::kRead)).lost.empty());
}

TEST_F(Maintain, what_moved_or_went_is_found_anew_by_a_store_that_had_found_it) {
  ASSERT_TRUE(write(0, 10).ok());
  Result<Store> store = open(Mode::kWrite);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(*read(*store, i), value(i));
  ASSERT_TRUE(erase(*store, std::vector{key(3)}).ok());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(*read(*store, i), i == 3 ? "" : value(i));
}

TEST_F(Maintain, what_was_erased_can_be_written_again) {
  ASSERT_TRUE(write(0, 10).ok());
  ASSERT_TRUE(erase_records(0, 10).ok());
  EXPECT_EQ(right_values(10), 0);
  ASSERT_TRUE(write(0, 10).ok());
  EXPECT_EQ(right_values(10), 10);
}

TEST_F(Maintain, with_its_last_record_a_description_goes) {
  ASSERT_TRUE(write(0, 2).ok());
  ASSERT_TRUE(erase_records(0, 2).ok());
  EXPECT_TRUE(open(Mode::kRead)->descriptions()->empty());
  EXPECT_FALSE(*open(Mode::kRead)->latest("logmel", "item1"));
}

TEST_F(Maintain, merged_shards_are_one_store) {
  ASSERT_TRUE(write(0, 30, 7, "shard-0").ok());
  ASSERT_TRUE(write(30, 60, 7, "shard-1").ok());
  {
    Result<Store> into = open(Mode::kWrite);
    for (const char* shard : {"shard-0", "shard-1"}) {
      const Result<Merged> merged = merge(*into, store_ / shard);
      ASSERT_TRUE(merged.ok()) << merged.error().message;
      EXPECT_EQ(merged->records, 30U);
      EXPECT_EQ(merged->twice, 0U);
    }
  }
  EXPECT_EQ(open(Mode::kRead)->members().size(), 1U);
  EXPECT_EQ(right_values(60), 60);
}

TEST_F(Maintain, what_a_merge_meets_twice_is_counted_and_kept_once) {
  ASSERT_TRUE(write(0, 20, 7).ok());
  ASSERT_TRUE(write(10, 30, 7, "shard-0").ok());
  Result<Store> into = open(Mode::kWrite);
  const Result<Merged> merged = merge(*into, store_ / "shard-0");
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(merged->records, 10U);
  EXPECT_EQ(merged->twice, 10U);
  EXPECT_TRUE(merged->differing.empty());
  EXPECT_EQ(right_values(30), 30);
}

TEST_F(Maintain, a_copy_of_a_store_that_went_its_own_way_is_merged_without_harm) {
  ASSERT_TRUE(write(0, 20, 7).ok());
  const std::filesystem::path original = store_;
  store_ = folder_ / "copy";
  std::filesystem::copy(original, store_, std::filesystem::copy_options::recursive);
  ASSERT_TRUE(write(30, 40).ok());  // under the ordinals that the original uses for other records
  store_ = original;
  ASSERT_TRUE(write(20, 30).ok());
  Result<Store> into = open(Mode::kWrite);
  const Result<Merged> merged = merge(*into, folder_ / "copy");
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  EXPECT_EQ(merged->records, 10U);
  EXPECT_EQ(merged->twice, 20U);
  EXPECT_EQ(right_values(40), 40);
}

TEST_F(Maintain, records_of_a_table_that_is_gone_are_named_and_can_be_dropped) {
  ASSERT_TRUE(write(0, 30, 10).ok());
  lose_table_of(15);
  const Result<Store> refused = open(Mode::kRead);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kCorruptInput);
  std::vector<ContentKey> lost;
  {
    Result<Store> store = StoreFiles::open(store_, {.mode = Mode::kWrite, .tolerant = true}, env_);
    ASSERT_TRUE(store.ok()) << store.error().message;
    for (const Lost& each : verify(*store).lost) lost.push_back(each.entry->key);
    EXPECT_EQ(lost.size(), 10U);
    const Status erased = erase(*store, lost);
    ASSERT_TRUE(erased.ok()) << erased.error().message;
  }
  EXPECT_EQ(right_values(30), 20);
}

}  // namespace
}  // namespace earshot::cache
