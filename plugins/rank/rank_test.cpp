#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

class RankStage : public testing::Test {
 protected:
  void make(const OptionValues& options) { stage_ = earshot_plugin()->create(options, earshot::Setup{}).value(); }
  Collect& rank() { return dynamic_cast<Collect&>(*stage_); }

  void add(const std::string& port, const std::string& id, const std::string& related, std::vector<float> values) {
    ASSERT_TRUE(rank().add(port, {id, related, std::make_shared<const PlainEmbedding>(std::move(values))}));
  }
  void add_caption(const std::string& id, const std::string& sentence) {
    ASSERT_TRUE(rank().add("caption", {id, "", std::make_shared<const Text>(sentence)}));
  }
  // Three recordings along the axes; the second caption of b points at a.
  void add_three_recordings_and_four_captions() {
    add("audio", "Harbour, low tide.wav", "b", {0, 3, 0});
    add("audio", "a.wav", "a", {2, 0, 0});
    add("audio", "c.wav", "c", {0, 0, 1});
    add("text", "a#0", "a", {5, 1, 0});
    add("text", "b#0", "b", {0, 1, 0.5F});
    add("text", "b#1", "b", {3, 2, 1});
    add("text", "c#0", "c", {0, 1, 4});
  }
  Report finish() {
    Context context{.seed = 1};
    return rank().finish(context).value();
  }
  static std::string text_of(const Artefact& file) {
    std::string text(file.bytes.size(), ' ');
    std::memcpy(text.data(), file.bytes.data(), text.size());
    return text;
  }

  std::unique_ptr<Stage> stage_ = earshot_plugin()->create({}, earshot::Setup{}).value();
};

// Ranks 1, 1, 2, 1: mAP@10 = 3.5 / 4, R@1 = 3 / 4; chance among three: (1 + 1/2 + 1/3) / 3.
TEST_F(RankStage, figures_are_those_worked_by_hand) {
  add_three_recordings_and_four_captions();
  const Report report = finish();
  ASSERT_EQ(report.metrics.size(), 4U);
  EXPECT_EQ(report.metrics[0].name, "map@10");
  EXPECT_DOUBLE_EQ(report.metrics[0].value, 0.875);
  EXPECT_NEAR(*report.metrics[0].chance, 0.6111, 1e-4);
  EXPECT_LE(*report.metrics[0].low, 0.875);
  EXPECT_EQ(report.metrics[1].name, "recall@1");
  EXPECT_DOUBLE_EQ(report.metrics[1].value, 0.75);
}

TEST_F(RankStage, ranking_is_written_in_the_form_of_the_submissions) {
  add_three_recordings_and_four_captions();
  add_caption("a#0", "Rain falls, then stops.");
  const std::string csv = text_of(finish().files.at(0));
  EXPECT_TRUE(
      csv.starts_with("caption,file_name_1,file_name_2,file_name_3,file_name_4,file_name_5,file_name_6,"
                      "file_name_7,file_name_8,file_name_9,file_name_10\n"
                      "\"Rain falls, then stops.\",a.wav,\"Harbour, low tide.wav\",c.wav,,,,,,,\n"
                      "b#0,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
}

TEST_F(RankStage, equal_captions_keep_a_row_each) {
  add("audio", "a.wav", "a", {1, 0});
  add("text", "1", "a", {1, 0});
  add("text", "2", "a", {1, 0});
  add_caption("1", "rain");
  add_caption("2", "rain");
  EXPECT_TRUE(text_of(finish().files.at(0)).ends_with("rain,a.wav,,,,,,,,,\nrain,a.wav,,,,,,,,,\n"));
}

TEST_F(RankStage, classification_is_by_the_nearest_sentence) {
  make({{"metric", {std::string("classification")}}});
  add("audio", "1.wav", "dog", {2, 1});
  add("audio", "2.wav", "cat", {3, 1});
  add("text", "dog", "dog", {1, 0});
  add("text", "cat", "cat", {0, 1});
  const Report report = finish();
  EXPECT_EQ(report.metrics.at(0).name, "accuracy");
  EXPECT_DOUBLE_EQ(report.metrics.at(0).value, 0.5);
  EXPECT_DOUBLE_EQ(*report.metrics.at(0).chance, 0.5);
  EXPECT_EQ(text_of(report.files.at(0)),
            "file_name,class,nearest_class,nearest_caption\n1.wav,dog,dog,dog\n2.wav,cat,dog,dog\n");
}

TEST_F(RankStage, a_collapsed_model_is_told_of_and_not_rewarded) {
  for (const char* id : {"a", "b", "c", "d"}) {
    add("audio", id, id, {1, 1});
    add("text", id, id, {1, 1});
  }
  const Report report = finish();
  EXPECT_DOUBLE_EQ(report.metrics[1].value, 0.25);
  ASSERT_EQ(report.notes.size(), 2U);
  EXPECT_EQ(report.notes[1],
            "4 of 4 texts have ties at the right answer: mean rank 2.50, 2.50 were ties in random order");
}

TEST_F(RankStage, a_text_without_its_recording_is_counted_and_left_out) {
  add_three_recordings_and_four_captions();
  add("text", "lost#0", "lost", {1, 1, 1});
  const Report report = finish();
  EXPECT_DOUBLE_EQ(report.metrics[0].value, 0.875);
  EXPECT_EQ(report.notes[1], "1 texts left out: nothing related among the recordings");
}

TEST_F(RankStage, a_pass_leaves_nothing_for_the_next) {
  add_three_recordings_and_four_captions();
  const Report first = finish();
  add_three_recordings_and_four_captions();
  const Report second = finish();
  EXPECT_EQ(second.metrics[0].low, first.metrics[0].low);
  EXPECT_EQ(second.files[0].bytes, first.files[0].bytes);
}

TEST_F(RankStage, streams_that_never_came_are_an_error) {
  Context context;
  EXPECT_EQ(rank().finish(context).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace earshot
