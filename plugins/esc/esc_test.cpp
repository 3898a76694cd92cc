#include "esc.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "wav_file.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot::esc {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<Stage>> create(const OptionValues& values) { return earshot_plugin()->create(values, Setup{}); }

class EscTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(::testing::TempDir()) / (std::string("earshot_esc_") + test->name());
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  // Two classes, three folds, one clip each.
  void folders() const {
    for (const char* name : {"001 - Dog bark", "010 - Fire crackling"})
      for (const char* fold : {"1", "2", "3"}) testing::write_wav(root_ / name / (std::string(fold) + "-77-A.wav"));
  }
  void table(const std::string& rows) const {
    fs::create_directories(root_ / "meta");
    std::ofstream(root_ / "meta" / "esc50.csv") << "filename,fold,target,category,esc10,src_file,take\n" << rows;
  }
  Result<std::unique_ptr<Stage>> stage(OptionValues values = {}) const {
    values["path"] = {root_.string()};
    return create(values);
  }
  static std::unique_ptr<View> open(const Stage& stage, std::string_view view, std::string_view split = "") {
    return dynamic_cast<const Source&>(stage).open(view, split).value();
  }
  static std::string caption(const View& view, std::int64_t index, std::size_t port) {
    const Outputs outputs = view.record(index).value();
    return static_cast<const Text&>(*outputs[port]).utf8();
  }

  fs::path root_;
};

TEST(Classes, names_of_both_layouts_are_spelt_alike) {
  EXPECT_EQ(plain_class("001 - Dog bark"), "dog bark");
  EXPECT_EQ(plain_class("door_wood_creaks"), "door wood creaks");
  EXPECT_EQ(plain_class("Hand-saw "), "hand saw");
  EXPECT_EQ(plain_class("2 - "), "");
}

TEST(Classes, every_class_of_esc50_has_a_sentence_of_its_own) {
  const char* names =
      "dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets chirping_birds "
      "water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing clapping breathing coughing "
      "footsteps laughing brushing_teeth snoring drinking_sipping door_wood_knock mouse_click keyboard_typing "
      "door_wood_creaks can_opening washing_machine vacuum_cleaner clock_alarm clock_tick glass_breaking helicopter "
      "chainsaw siren car_horn engine train church_bells airplane fireworks hand_saw";
  std::istringstream words(names);
  std::map<std::string, std::string> owner;
  for (std::string name; words >> name;) {
    const std::string sentence = sentence_of(plain_class(name));
    EXPECT_EQ(sentence.find("the sound of"), std::string::npos) << name;
    EXPECT_TRUE(owner.emplace(sentence, name).second) << sentence;
  }
  EXPECT_EQ(owner.size(), 50U);
}

TEST(Classes, a_class_that_nobody_knows_still_has_a_sentence) {
  EXPECT_EQ(sentence_of("kettle"), "the sound of kettle is heard");
}

TEST_F(EscTest, folders_of_classes_have_the_fold_in_front_of_the_name) {
  folders();
  const auto made = stage({{"fold", {std::int64_t{2}}}}).value();
  const auto test = open(*made, "pairs", "test");
  ASSERT_EQ(test->size(), 2);
  EXPECT_EQ(test->header(0).id, "001 - Dog bark/2-77-A.wav");
  EXPECT_EQ(test->header(0).related, "dog bark");
  EXPECT_EQ(caption(*test, 0, 1), "a dog barks");
  EXPECT_EQ(open(*made, "pairs", "train")->size(), 4);
}

TEST_F(EscTest, the_table_of_esc50_says_fold_and_class) {
  testing::write_wav(root_ / "audio" / "1-9-A-0.wav");
  testing::write_wav(root_ / "audio" / "5-8-B-12.wav");
  table("5-8-B-12.wav,5,12,crackling_fire,True,8,B\n1-9-A-0.wav,1,0,dog,True,9,A\n");
  const auto made = stage({{"fold", {std::int64_t{5}}}}).value();
  EXPECT_EQ(open(*made, "recordings", "test")->header(0).related, "crackling fire");
  EXPECT_EQ(open(*made, "recordings", "train")->header(0).id, "audio/1-9-A-0.wav");
}

TEST_F(EscTest, a_clip_is_classified_by_one_sentence_a_class) {
  folders();
  const auto made = stage().value();
  const auto classes = open(*made, "captions", "test");
  ASSERT_EQ(classes->size(), 2);
  EXPECT_EQ(classes->header(1).related, open(*made, "recordings", "test")->header(1).related);
  EXPECT_EQ(caption(*classes, 1, 0), "a fire crackles");
}

TEST_F(EscTest, splits_share_no_clip_and_validation_is_the_next_fold) {
  folders();
  const auto made = stage({{"fold", {std::int64_t{3}}}, {"validation", {true}}}).value();
  EXPECT_EQ(open(*made, "recordings", "train")->header(0).id, "001 - Dog bark/2-77-A.wav");
  EXPECT_EQ(open(*made, "recordings", "validation")->header(0).id, "001 - Dog bark/1-77-A.wav");
  EXPECT_EQ(open(*made, "recordings", "test")->header(0).id, "001 - Dog bark/3-77-A.wav");
  EXPECT_EQ(open(*made, "recordings")->size(), 6);
}

TEST_F(EscTest, a_fold_or_split_that_is_not_there_is_refused) {
  folders();
  EXPECT_NE(stage({{"fold", {std::int64_t{6}}}}).error().message.find("there are 1, 2, 3"), std::string::npos);
  const auto made = stage().value();
  EXPECT_EQ(dynamic_cast<const Source&>(*made).open("pairs", "validation").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(EscTest, data_that_do_not_fit_are_refused_by_name) {
  EXPECT_EQ(stage().error().code, ErrorCode::kNotFound);
  testing::write_wav(root_ / "001 - Dog" / "bark.wav");
  EXPECT_NE(stage().error().message.find("bark.wav: a fold was expected"), std::string::npos);
  table("../x.wav,1,0,dog,True,9,A\n");
  EXPECT_NE(stage().error().message.find("line 2"), std::string::npos);
  table("x.wav,first,0,dog,True,9,A\n");
  EXPECT_EQ(stage().error().code, ErrorCode::kCorruptInput);
  table("x.wav,1\n");
  EXPECT_EQ(stage().error().code, ErrorCode::kCorruptInput);
}

TEST_F(EscTest, content_ids_are_those_of_bytes) {
  folders();
  const auto made = stage().value();
  const auto pairs = open(*made, "pairs");
  EXPECT_EQ(pairs->content_id(0, 0).value(), pairs->content_id(5, 0).value());
  EXPECT_EQ(pairs->content_id(0, 1).value(), content_id("a dog barks"));
}

// Published: 10 classes of 40 clips, each class in five folds of 8.
TEST(Esc10, the_published_recordings_are_in_five_folds_of_eighty) {
  const char* given = std::getenv("EARSHOT_TEST_DATA");
  const fs::path data = (given != nullptr ? fs::path(given) : fs::path("../shared/data")) / "esc10";
  if (!fs::exists(data)) GTEST_SKIP() << "no test data at " << data;
  std::map<std::int64_t, int> folds;
  std::map<std::string, int> classes;
  const std::vector<Clip> clips = read_clips(data).value();
  for (const Clip& clip : clips) {
    ++folds[clip.fold];
    ++classes[clip.category];
    EXPECT_EQ(sentence_of(clip.category).find("the sound of"), std::string::npos) << clip.category;
  }
  EXPECT_EQ(folds, (std::map<std::int64_t, int>{{1, 80}, {2, 80}, {3, 80}, {4, 80}, {5, 80}}));
  EXPECT_EQ(classes.size(), 10U);
  const auto made = create({{"path", {data.string()}}}).value();
  const auto view = dynamic_cast<const Source&>(*made).open("recordings", "test").value();
  EXPECT_TRUE(view->record(0).ok());
}

}  // namespace
}  // namespace earshot::esc
