#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "captions.h"
#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "scan.h"
#include "wav_file.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot::folder {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Result<std::unique_ptr<Stage>> create(const OptionValues& values) { return earshot_plugin()->create(values, Setup{}); }

class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    outside_ = fs::path(::testing::TempDir()) / (std::string("earshot_folder_") + test->name());
    fs::remove_all(outside_);
    root_ = outside_ / "root";
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(outside_); }

  void sound(const std::string& name) const { testing::write_wav(root_ / name); }
  void text(const std::string& name, const std::string& content) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << content;
  }
  // The stage over the root_; `csv` is what its `captions` holds.
  Result<std::unique_ptr<Stage>> stage(OptionValues values = {}, const std::string& csv = {}) const {
    values["path"] = {root_.string()};
    if (!csv.empty()) {
      std::ofstream(outside_ / "c.csv", std::ios::binary) << csv;
      values["captions"] = {(outside_ / "c.csv").string()};
    }
    return create(values);
  }
  static std::unique_ptr<View> open(const Stage& stage, std::string_view view, std::string_view split = "") {
    return dynamic_cast<const Source&>(stage).open(view, split).value();
  }
  static Names ids(const View& view) {
    Names ids;
    for (std::int64_t i = 0; i < view.size(); ++i) ids.push_back(view.header(i).id);
    return ids;
  }
  static Names texts(const View& captions) {
    Names all;
    for (std::int64_t i = 0; i < captions.size(); ++i) {
      const Outputs outputs = captions.record(i).value();
      all.push_back(static_cast<const Text&>(*outputs[0]).utf8());
    }
    return all;
  }
  static Names notes(const Stage& stage) { return dynamic_cast<const Source&>(stage).notes(); }

  fs::path outside_;
  fs::path root_;
};

TEST_F(FolderTest, recordings_come_in_bytewise_order_from_all_folders) {
  for (const char* name : {"b.wav", "B.wav", "a/z.WAV", " a.wav", "a.wav", "notes.pdf", ".hidden.wav", "ä.wav"})
    sound(name);
  const auto made = stage().value();
  EXPECT_EQ(ids(*open(*made, "recordings")), (Names{" a.wav", "B.wav", "a.wav", "a/z.WAV", "b.wav", "ä.wav"}));
}

TEST_F(FolderTest, a_text_beside_a_recording_has_a_caption_a_line) {
  sound("a.wav");
  sound("b.c.wav");
  sound("plain.wav");
  text("a.txt", "\xEF\xBB\xBFone \r\n\r\ntwo");
  text("b.c.txt", "three\n");
  const auto made = stage().value();
  EXPECT_EQ(texts(*open(*made, "captions")), (Names{"one ", "two", "three"}));
  EXPECT_EQ(ids(*open(*made, "captions")), (Names{"a.wav:1", "a.wav:2", "b.c.wav"}));
  EXPECT_EQ(open(*made, "recordings")->size(), 3);
  EXPECT_EQ(open(*made, "captions")->header(1).related, open(*made, "recordings")->header(0).id);
}

TEST_F(FolderTest, clothos_columns_give_five_captions_a_recording) {
  sound("tin roof.wav");
  sound("other.wav");
  const auto made = stage({},
                          "file_name,caption_1,caption_2,caption_3,caption_4,caption_5\r\n"
                          "tin roof.wav,One.,\"Two, too.\",Three,Four,Five \r\n");
  const auto pairs = open(**made, "pairs");
  ASSERT_EQ(pairs->size(), 5);
  EXPECT_EQ(texts(*open(**made, "captions")), (Names{"One.", "Two, too.", "Three", "Four", "Five "}));
  EXPECT_EQ(ids(*open(**made, "recordings")), (Names{"tin roof.wav"}));
  EXPECT_EQ(pairs->header(4).id, "tin roof.wav:5");
}

TEST_F(FolderTest, names_with_commas_entities_and_blanks_are_taken_as_they_are) {
  for (const char* name : {"Harbour, low tide.wav", " two  blanks.wav", "Miller&#39;s; wheel.v2 #3 100%.wav"})
    sound(name);
  const auto made = stage({},
                          "file_name,caption\n\"Harbour, low tide.wav\",a\n two  blanks.wav,b\n"
                          "Miller&#39;s; wheel.v2 #3 100%.wav,c\n");
  EXPECT_EQ(texts(*open(**made, "captions")), (Names{"b", "a", "c"}));
  EXPECT_TRUE(notes(**made).empty());
}

TEST_F(FolderTest, ids_have_no_hash_sign_and_stay_apart) {
  for (const char* name : {"a#1.wav", "a%231.wav"}) sound(name);
  EXPECT_EQ(ids(*open(*stage().value(), "recordings")), (Names{"a%231.wav", "a%25231.wav"}));
}

TEST_F(FolderTest, several_rows_may_speak_of_one_file) {
  sound("a.wav");
  sound("b.wav");
  const auto made = stage({}, "caption,file_name\nfirst,b.wav\nother,a.wav\nsecond,b.wav\n");
  EXPECT_EQ(texts(*open(**made, "captions")), (Names{"other", "first", "second"}));
}

TEST_F(FolderTest, rows_that_name_no_file_are_listed) {
  sound("a.wav");
  const auto made = stage({}, "file_name,caption\na.wav,x\ngone: 1.wav,y\n");
  ASSERT_EQ(notes(**made).size(), 1U);
  EXPECT_NE(notes(**made)[0].find("c.csv:3: no sound file \"gone: 1.wav\""), std::string::npos);
}

TEST_F(FolderTest, names_that_lead_out_are_errors_that_name_the_row) {
  sound("a.wav");
  testing::write_wav(outside_ / "secret.wav");
  fs::create_symlink(outside_, root_ / "way_out");
  for (const std::string name : {"../secret.wav", "x/../../secret.wav", "way_out/secret.wav", "/etc/passwd"}) {
    const auto made = stage({}, "file_name,caption\na.wav,x\n" + name + ",y\n");
    ASSERT_FALSE(made.ok()) << name;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(made.error().message.find("c.csv:3:"), std::string::npos) << made.error().message;
  }
}

TEST_F(FolderTest, links_count_where_they_stay_below_the_root) {
  sound("real/a.wav");
  testing::write_wav(outside_ / "secret.wav");
  fs::create_symlink(root_ / "real" / "a.wav", root_ / "inside.wav");
  fs::create_symlink(outside_ / "secret.wav", root_ / "outside.wav");
  fs::create_symlink(root_ / "nowhere.wav", root_ / "dangling.wav");
  fs::create_symlink(root_, root_ / "real" / "round_and_round");
  const auto made = stage().value();
  EXPECT_EQ(ids(*open(*made, "recordings")), (Names{"inside.wav", "real/a.wav"}));
  EXPECT_EQ(notes(*made).size(), 3U);
}

TEST_F(FolderTest, broken_tables_are_refused) {
  sound("a.wav");
  EXPECT_EQ(stage({}, "name,text\na.wav,x\n").error().code, ErrorCode::kCorruptInput);
  EXPECT_NE(stage({}, "file_name,caption\na.wav\n").error().message.find("c.csv:2: 1 fields"), std::string::npos);
  EXPECT_EQ(stage({}, "file_name,caption\na.wav,\"x\n").error().code, ErrorCode::kCorruptInput);
  EXPECT_EQ(stage({{"captions", {std::string("/nowhere.csv")}}}).error().code, ErrorCode::kNotFound);
}

TEST_F(FolderTest, an_absent_or_silent_folder_is_an_error) {
  EXPECT_EQ(stage().error().code, ErrorCode::kNotFound);
  fs::remove_all(root_);
  EXPECT_EQ(stage().error().code, ErrorCode::kNotFound);
}

TEST_F(FolderTest, captions_asked_for_where_there_are_none_are_an_error) {
  sound("a.wav");
  const auto made = stage().value();
  EXPECT_EQ(dynamic_cast<const Source&>(*made).open("pairs", "").error().code, ErrorCode::kNotFound);
}

TEST_F(FolderTest, first_folders_are_splits_where_asked_for) {
  for (const char* name : {"train/a.wav", "train/x/b.wav", "test/a.wav"}) sound(name);
  const auto made = stage({{"split_by", {std::string("folder")}}}).value();
  EXPECT_EQ(ids(*open(*made, "recordings", "train")), (Names{"train/a.wav", "train/x/b.wav"}));
  EXPECT_NE(dynamic_cast<const Source&>(*made).open("recordings", "dev").error().message.find("test, train"),
            std::string::npos);
}

TEST_F(FolderTest, hashed_splits_share_nothing_and_miss_nothing) {
  for (int i = 0; i < 200; ++i) sound(std::to_string(i) + ".wav");
  const auto made = stage({{"split_by", {std::string("hash")}}}).value();
  const std::int64_t test = open(*made, "recordings", "test")->size();
  const std::int64_t validation = open(*made, "recordings", "validation")->size();
  EXPECT_EQ(open(*made, "recordings", "train")->size() + validation + test, 200);
  EXPECT_NEAR(static_cast<double>(test), 20, 12);
  EXPECT_FALSE(dynamic_cast<const Source&>(*stage().value()).open("recordings", "test").ok());
}

TEST_F(FolderTest, content_ids_are_those_of_bytes) {
  sound("a.wav");
  sound("b.wav");
  text("a.txt", "rain\n");
  const auto made = stage().value();
  const auto recordings = open(*made, "recordings");
  EXPECT_EQ(recordings->content_id(0, 0).value(), recordings->content_id(1, 0).value());
  EXPECT_EQ(open(*made, "pairs")->content_id(0, 1).value(), content_id("rain"));
}

TEST_F(FolderTest, a_broken_file_fails_alone_and_by_name) {
  sound("a.wav");
  text("b.wav", "no sound at all");
  const auto recordings = open(*stage().value(), "recordings");
  EXPECT_TRUE(recordings->record(0).ok());
  EXPECT_NE(recordings->record(1).error().message.find("b.wav"), std::string::npos);
}

TEST_F(FolderTest, three_thousand_files_are_found_within_a_second) {
  for (int folder = 0; folder < 3; ++folder) {
    const fs::path path = root_ / std::to_string(folder);
    fs::create_directories(path);
    for (int i = 0; i < 1000; ++i) std::ofstream(path / (std::to_string(i) + ".wav"));
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(scan(root_)->sounds.size(), 3000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace earshot::folder
