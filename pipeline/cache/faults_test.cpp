// Every read, write and sync of the file system is made to fail in turn. Whatever the store says then, it has what it
// committed and nothing else.
#include <memory>

#include <rocksdb/env.h>

#include "earshot/pipeline/cache/maintain.h"
#include "faulty_file_system.h"
#include "store_fixture.h"

namespace earshot::cache {
namespace {

struct Fault {
  Faults::Kind kind;
  bool lasting;
  const char* name;
};

class FaultsTest : public StoreTest, public ::testing::WithParamInterface<Fault> {
 protected:
  static constexpr int kBatch = 4;
  static constexpr int kBatches = 4;

  FaultsTest() { env_ = faulty_.get(); }

  // Writes batches until something fails; how many records were committed for certain.
  int work() {
    Result<Store> store = open(Mode::kWrite);
    if (!store.ok()) return 0;
    Result<Writer> writer = Writer::of(*store);
    int committed = 0;
    for (int i = 0; writer.ok() && i < kBatches * kBatch; ++i) {
      if (!put(*writer, i).ok()) break;
      if (i % kBatch < kBatch - 1) continue;
      if (!writer->commit().ok()) break;
      committed = i + 1;
      const Result<std::string> back = read(*store, i);
      EXPECT_TRUE(!back.ok() || *back == value(i));  // an error, or the value, never a silent miss
    }
    return committed;
  }

  Faults faults_;
  std::unique_ptr<rocksdb::Env> faulty_ = rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(faults_));
};

TEST_P(FaultsTest, nothing_committed_is_lost_and_the_store_goes_on) {
  int number = 0;
  for (bool happened = true; happened; ++number) {
    std::filesystem::remove_all(store_);
    faults_.arm(GetParam().kind, number, GetParam().lasting);
    const int committed = work();
    happened = faults_.happened();
    faults_.arm(GetParam().kind, -1, false);
    const Status again = write(kBatches * kBatch, kBatches * kBatch + 2);
    ASSERT_TRUE(again.ok()) << "call " << number << ": " << again.error().message;
    ASSERT_GE(right_values(kBatches * kBatch + 2), committed + 2) << "call " << number;
    ASSERT_TRUE(verify(*open(Mode::kRead)).lost.empty()) << "call " << number;
  }
  EXPECT_GT(number, 10);
}

TEST_P(FaultsTest, an_erasure_drops_only_what_it_should) {
  for (int number = 0;; ++number) {
    std::filesystem::remove_all(store_);
    ASSERT_TRUE(write(0, 12, 4).ok());
    const std::vector<ContentKey> keys = {key(1), key(4), key(5), key(6), key(7)};
    faults_.arm(GetParam().kind, number, GetParam().lasting);
    if (Result<Store> store = open(Mode::kWrite); store.ok()) static_cast<void>(erase(*store, keys));
    const bool happened = faults_.happened();
    faults_.arm(GetParam().kind, -1, false);
    const int left = right_values(12);
    ASSERT_TRUE(left == 7 || left == 12) << "call " << number << ": " << left;
    ASSERT_TRUE(verify(*open(Mode::kRead)).lost.empty()) << "call " << number;
    if (!happened) return;
  }
}

TEST_P(FaultsTest, a_reader_gets_an_error_or_the_value) {
  ASSERT_TRUE(write(0, 8, 4).ok());
  bool happened = true;
  for (int number = 0; happened; ++number) {
    faults_.arm(GetParam().kind, number, GetParam().lasting);
    if (const Result<Store> store = open(Mode::kRead); store.ok())
      for (int i = 0; i < 8; ++i) {
        const Result<std::string> found = read(*store, i);
        ASSERT_TRUE(!found.ok() || *found == value(i)) << "call " << number;
      }
    happened = faults_.happened();
  }
}

INSTANTIATE_TEST_SUITE_P(Every, FaultsTest,
                         ::testing::Values(Fault{Faults::Kind::kRead, false, "read"},
                                           Fault{Faults::Kind::kWrite, false, "write"},
                                           Fault{Faults::Kind::kSync, false, "sync"},
                                           Fault{Faults::Kind::kRead, true, "read_and_all_after"},
                                           Fault{Faults::Kind::kWrite, true, "write_and_all_after"},
                                           Fault{Faults::Kind::kSync, true, "sync_and_all_after"}),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace earshot::cache
