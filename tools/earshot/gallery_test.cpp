#include "gallery.h"

#include <fstream>

#include <gtest/gtest.h>

#include "earshot/contract/npy.h"
#include "files.h"
#include "scratch_folder.h"

namespace earshot::tools {
namespace {

Gallery gallery_of(const std::vector<std::pair<std::string, std::vector<float>>>& rows) {
  Gallery gallery{.dim = 2};
  for (const auto& [file, vector] : rows) {
    gallery.vectors.insert(gallery.vectors.end(), vector.begin(), vector.end());
    gallery.rows.push_back({.id = file, .file = file});
  }
  return gallery;
}

const std::vector<float> kQuestion = {1, 0};

void store(const std::filesystem::path& run, std::int64_t rows, const std::string& lines) {
  Record record{.kind = "embedding", .shape = {rows, 2}};
  record.bytes.resize(static_cast<std::size_t>(rows) * 2 * sizeof(float));
  ASSERT_TRUE(write_file(run / "index.npy", to_npy(record)).ok());
  std::ofstream(run / "index.jsonl") << lines;
}

TEST(Gallery, hits_come_best_first_with_the_cosine_as_score) {
  const Gallery gallery = gallery_of({{"rain", {0, 1}}, {"owl", {1, 0}}, {"dog", {0.6F, 0.8F}}});
  const std::vector<Hit> hits = best_hits(gallery, kQuestion, 2);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].row, 1U);
  EXPECT_EQ(hits[0].score, 1.0);
  EXPECT_EQ(hits[1].row, 2U);
}

TEST(Gallery, a_long_recording_is_listed_once_by_its_best_window) {
  const Gallery gallery =
      gallery_of({{"walk", {0.6F, 0.8F}}, {"walk", {1, 0}}, {"walk", {0.8F, 0.6F}}, {"rain", {0, 1}}});
  const std::vector<Hit> hits = best_hits(gallery, kQuestion, 10);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].row, 1U);
  EXPECT_EQ(hits[1].row, 3U);
}

TEST(Gallery, equal_scores_keep_the_order_of_the_gallery) {
  const std::vector<Hit> hits = best_hits(gallery_of({{"b", {1, 0}}, {"a", {1, 0}}}), kQuestion, 2);
  EXPECT_EQ(hits[0].row, 0U);
}

TEST(StoredGallery, rows_carry_what_the_index_knows_of_them) {
  const ScratchFolder run;
  store(run.path(), 2,
        R"({"id": "a#w3", "related": "a", "file": "a.flac", "start_s": 30.0, "length_s": 10.0, "caption": "rain"})"
        "\n{\"id\": \"b\", \"related\": \"b\"}\n");
  const Gallery gallery = stored_gallery(run.path()).value().value();
  ASSERT_EQ(gallery.rows.size(), 2U);
  EXPECT_EQ(gallery.rows[0].file, "a.flac");
  EXPECT_EQ(gallery.rows[0].start_s, 30.0);
  EXPECT_EQ(gallery.rows[0].caption, "rain");
  EXPECT_EQ(gallery.rows[1].file, "b");
  EXPECT_FALSE(gallery.rows[1].length_s);
}

TEST(StoredGallery, a_run_without_an_index_has_none) {
  const ScratchFolder run;
  EXPECT_FALSE(stored_gallery(run.path()).value().has_value());
}

TEST(StoredGallery, vectors_and_rows_that_do_not_fit_are_an_error) {
  const ScratchFolder run;
  store(run.path(), 3, "{\"id\": \"a\"}\n");
  EXPECT_EQ(stored_gallery(run.path()).error().code, ErrorCode::kCorruptInput);
  store(run.path(), 1, "no row\n");
  EXPECT_EQ(stored_gallery(run.path()).error().code, ErrorCode::kCorruptInput);
}

}  // namespace
}  // namespace earshot::tools
