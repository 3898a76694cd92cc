// Random bits of a store's files are flipped, one at a time: every flip is detected or harmless, none gives a wrong
// value or hides a record. EARSHOT_FLIPS is how many; 200 where it is not set.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <vector>

#include "earshot/pipeline/cache/maintain.h"
#include "store_fixture.h"

namespace earshot::cache {
namespace {

class Flips : public StoreTest {
 protected:
  static constexpr int kRecords = 60;

  static int count() {
    const char* const wanted = std::getenv("EARSHOT_FLIPS");
    return wanted == nullptr ? 200 : std::atoi(wanted);
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(store_))
      if (file.is_regular_file() && file.file_size() > 0) found.push_back(file.path());
    std::ranges::sort(found);
    return found;
  }
  static void flip(const std::filesystem::path& path, std::uint64_t bit) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    const auto byte = static_cast<char>(file.get() ^ 1 << bit % 8);
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(byte);
  }
  // Every record is right or an error says that it is not; true where all are right.
  static bool right_or_refused(const Result<Store>& store) {
    bool all = store.ok();
    for (int i = 0; store.ok() && i < kRecords; ++i) {
      const Result<std::string> found = read(*store, i);
      EXPECT_TRUE(!found.ok() || *found == value(i)) << (found->empty() ? "a silent miss" : "a wrong value");
      all = all && found.ok();
    }
    return all;
  }
};

TEST_F(Flips, every_one_is_detected_or_harmless) {
  ASSERT_TRUE(write(0, kRecords, 10).ok());
  std::mt19937_64 draw(6);
  const std::vector<std::filesystem::path> all = files();
  int detected = 0;
  for (int i = 0; i < count() && !HasFailure(); ++i) {
    const std::filesystem::path& file = all[draw() % all.size()];
    const std::uint64_t bit = draw() % (8 * std::filesystem::file_size(file));
    SCOPED_TRACE(file.string() + " bit " + std::to_string(bit));
    flip(file, bit);
    detected += right_or_refused(open(Mode::kRead)) ? 0 : 1;
    flip(file, bit);
  }
  EXPECT_GT(detected, count() / 4);
  EXPECT_EQ(right_values(kRecords), kRecords);
}

TEST_F(Flips, a_writer_meets_them_as_a_reader_does) {
  ASSERT_TRUE(write(0, kRecords, 10).ok());
  const std::filesystem::path whole = store_;
  std::mt19937_64 draw(7);
  for (int i = 0; i < count() / 10 && !HasFailure(); ++i) {
    store_ = folder_ / "flipped";
    std::filesystem::remove_all(store_);
    std::filesystem::copy(whole, store_, std::filesystem::copy_options::recursive);
    const std::vector<std::filesystem::path> all = files();
    const std::filesystem::path& file = all[draw() % all.size()];
    const std::uint64_t bit = draw() % (8 * std::filesystem::file_size(file));
    SCOPED_TRACE(file.string() + " bit " + std::to_string(bit));
    flip(file, bit);
    static_cast<void>(write(kRecords, kRecords + 5));
    right_or_refused(open(Mode::kRead));
  }
}

}  // namespace
}  // namespace earshot::cache
