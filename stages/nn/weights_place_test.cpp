#include "earshot/nn/weights_place.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "weights_folder.h"
#include "weights_list.h"

namespace earshot::nn {
namespace {

namespace fs = std::filesystem;

const StoredTensors kTensors = {{"a", {{2}, {1, 2}}}};

class Place : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("EARSHOT_WEIGHTS", folder_.path().c_str(), 1);
    ::setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("EARSHOT_WEIGHTS");
    ::unsetenv("XDG_CACHE_HOME");
  }
  static std::string refusal(const std::string& weights) { return find_weights(weights).error().message; }
  static bool says(const std::string& message, const std::string& what) {
    return message.find(what) != std::string::npos;
  }
  WeightsFolder folder_;
};

TEST_F(Place, a_file_or_a_folder_of_hugging_face_is_found_by_path) {
  const fs::path file = folder_.write("model.safetensors", kTensors);
  for (const fs::path& path : {file, folder_.path()}) {
    const WeightsPlace place = find_weights(path.string()).value();
    EXPECT_EQ(place.folder, folder_.path());
    EXPECT_EQ(place.files, std::vector<fs::path>{file});
    EXPECT_EQ(place.info().files, place.files);
  }
}

TEST_F(Place, an_index_names_its_shards) {
  folder_.write("model.safetensors.index.json", R"({"weight_map": {"a": "2.safetensors", "b": "1.safetensors"}})");
  const WeightsPlace place = find_weights(folder_.path().string()).value();
  EXPECT_EQ(place.files, (std::vector<fs::path>{folder_.path() / "1.safetensors", folder_.path() / "2.safetensors"}));
}

TEST_F(Place, an_index_that_is_none_or_leaves_its_folder_is_refused) {
  for (const char* index : {"[]", "{", R"({"weight_map": {}})", R"({"weight_map": {"a": 1}})",
                            R"({"weight_map": {"a": "../1.safetensors"}})"}) {
    folder_.write("model.safetensors.index.json", index);
    EXPECT_EQ(find_weights(folder_.path().string()).error().code, ErrorCode::kCorruptInput) << index;
  }
}

TEST_F(Place, random_needs_nothing_and_says_what_it_is) {
  const WeightsPlace place = find_weights("random").value();
  EXPECT_TRUE(place.drawn());
  EXPECT_TRUE(place.info().drawn);
  EXPECT_TRUE(says(place.info().notes.at(0), "random"));
}

TEST_F(Place, a_known_name_is_looked_for_in_the_home_of_weights) {
  folder_.write("roberta-base/model.safetensors", kTensors);
  EXPECT_EQ(find_weights("roberta-base").value().folder, folder_.path() / "roberta-base");
}

TEST_F(Place, what_the_set_up_installed_is_found_unless_the_home_of_weights_has_it) {
  folder_.write("cache/earshot/weights/roberta-base/model.safetensors", kTensors);
  const fs::path installed = folder_.path() / "cache/earshot/weights/roberta-base";
  EXPECT_EQ(find_weights("roberta-base").value().folder, installed);
  ::unsetenv("EARSHOT_WEIGHTS");
  EXPECT_EQ(find_weights("roberta-base").value().folder, installed);
  ::setenv("EARSHOT_WEIGHTS", folder_.path().c_str(), 1);
  folder_.write("roberta-base/model.safetensors", kTensors);
  EXPECT_EQ(find_weights("roberta-base").value().folder, folder_.path() / "roberta-base");
}

TEST_F(Place, what_is_absent_is_named_with_where_it_is_published_and_what_converts_it) {
  const std::string absent = refusal("passt-s-s16");
  EXPECT_TRUE(says(absent, folder_.path().string())) << absent;
  EXPECT_TRUE(says(absent, "cache/earshot/weights/passt-s-f128-p16-s16-ap.468.safetensors")) << absent;
  EXPECT_TRUE(says(absent, "github.com/kkoutini/PaSST")) << absent;
  EXPECT_TRUE(says(absent, "tools/convert FILE $EARSHOT_WEIGHTS/passt-s-f128-p16-s16-ap.468.safetensors")) << absent;
  ::unsetenv("EARSHOT_WEIGHTS");
  EXPECT_TRUE(says(refusal("passt-s-s16"), "EARSHOT_WEIGHTS is not set"));
}

TEST_F(Place, a_file_of_another_size_than_is_known_is_refused) {
  folder_.write("all-minilm-l6-v2/model.safetensors", kTensors);
  EXPECT_TRUE(says(refusal("all-minilm-l6-v2"), "90868376"));
}

TEST_F(Place, an_unconverted_file_comes_with_the_command) {
  folder_.write("pytorch_model.bin", "zip");
  EXPECT_TRUE(says(refusal(folder_.path().string()), "tools/convert"));
  EXPECT_TRUE(says(refusal((folder_.path() / "pytorch_model.bin").string()), "tools/convert"));
}

TEST_F(Place, an_unknown_name_is_answered_with_those_there_are) {
  EXPECT_TRUE(says(refusal("bort"), "bert-base-uncased"));
  EXPECT_TRUE(says(refusal("./bort"), "no weights at ./bort"));
}

TEST(KnownWeights, every_entry_says_where_it_is_published) {
  EXPECT_GE(known_weights().size(), 10U);
  for (const KnownWeights& known : known_weights()) {
    EXPECT_FALSE(known.file.empty()) << known.name;
    EXPECT_TRUE(known.published.starts_with("https://")) << known.name;
  }
}

}  // namespace
}  // namespace earshot::nn
