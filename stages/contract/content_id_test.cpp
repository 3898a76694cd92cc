#include "earshot/contract/content_id.h"

#include <fstream>

#include <gtest/gtest.h>

namespace earshot {
namespace {

// XXH3_128bits of nothing with seed 0, as xxHash's own `xxhsum -H2` prints it.
TEST(ContentId, nothing_has_the_published_hash) { EXPECT_EQ(content_id(""), "99aa06d3014798d86001c324468d497f"); }

TEST(ContentId, a_file_has_the_id_of_its_bytes) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "earshot_content_id_test";
  const std::string bytes(3'000'001, 'x');
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(*content_id_of_file(path), content_id(bytes));
  std::filesystem::remove(path);
  EXPECT_EQ(content_id_of_file(path).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace earshot
