#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "earshot/audio/recording.h"
#include "earshot/contract/embedding.h"
#include "earshot/contract/npy.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

// Ten seconds of nothing under a name.
class Silence final : public AudioContent {
 public:
  explicit Silence(std::string name) : name_(std::move(name)) {}
  const AudioHeader& header() const noexcept override { return header_; }
  std::string name() const override { return name_; }
  Result<std::vector<float>> render(FrameRange range, Downmix) const override {
    return std::vector<float>(static_cast<std::size_t>(range.frames));
  }

 private:
  std::string name_;
  AudioHeader header_{.frames = 160000, .sample_rate_hz = 16000, .format = "WAV"};
};

class IndexStage : public testing::Test {
 protected:
  Collect& index() { return dynamic_cast<Collect&>(*stage_); }
  Status add_audio(const std::string& id, const std::string& related, std::vector<float> values) {
    return index().add("audio", {id, related, std::make_shared<const PlainEmbedding>(std::move(values))});
  }
  void add_recording(const std::string& id, const std::string& file, TimeRange range) {
    const auto content = std::make_shared<const Silence>(file);
    ASSERT_TRUE(index().add("recording", {id, id, std::make_shared<const Recording>(content, range)}));
  }
  void add_caption(const std::string& related, const std::string& sentence) {
    ASSERT_TRUE(index().add("caption", {related + "#0", related, std::make_shared<const Text>(sentence)}));
  }
  Report finish() {
    Context context;
    return index().finish(context).value();
  }
  static std::string text_of(const Artefact& file) {
    std::string text(file.bytes.size(), ' ');
    if (!text.empty()) std::memcpy(text.data(), file.bytes.data(), text.size());
    return text;
  }

  std::unique_ptr<Stage> stage_ = earshot_plugin()->create({}, earshot::Setup{}).value();
};

TEST_F(IndexStage, vectors_are_kept_at_unit_length_in_order) {
  ASSERT_TRUE(add_audio("a", "a", {3, 4}));
  ASSERT_TRUE(add_audio("b", "b", {0, 2}));
  const Report report = finish();
  EXPECT_EQ(report.files[0].name, "index.npy");
  const Record record = from_npy(report.files[0].bytes).value();
  EXPECT_EQ(record.shape, (std::vector<std::int64_t>{2, 2}));
  std::vector<float> values(4);
  std::memcpy(values.data(), record.bytes.data(), record.bytes.size());
  EXPECT_EQ(values, (std::vector<float>{0.6F, 0.8F, 0, 1}));
}

TEST_F(IndexStage, a_line_says_where_the_sound_is_and_what_it_is) {
  ASSERT_TRUE(add_audio("long.wav#w1", "long.wav", {1, 0}));
  add_recording("long.wav#w1", "/sounds/long.wav", {.start_ms = 2500, .length_ms = 5000});
  add_caption("long.wav", "an owl hoots");
  add_caption("long.wav", "a second sentence");
  const auto line = nlohmann::json::parse(text_of(finish().files[1]));
  EXPECT_EQ(line, nlohmann::json::parse(R"({"id": "long.wav#w1", "related": "long.wav", "file": "/sounds/long.wav",
                                            "start_s": 2.5, "length_s": 5.0, "caption": "an owl hoots"})"));
}

TEST_F(IndexStage, lines_and_vectors_are_as_many) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(add_audio(id, id, {1, 2}));
  const std::string lines = text_of(finish().files[1]);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST_F(IndexStage, a_pass_leaves_nothing_for_the_next) {
  ASSERT_TRUE(add_audio("a", "a", {1, 2}));
  EXPECT_EQ(from_npy(finish().files[0].bytes).value().shape.front(), 1);
  EXPECT_EQ(from_npy(finish().files[0].bytes).value().shape.front(), 0);
}

TEST_F(IndexStage, a_name_that_is_no_utf8_does_not_end_the_run) {
  ASSERT_TRUE(add_audio("caf\xE9.wav", "caf\xE9.wav", {1, 2}));
  EXPECT_TRUE(nlohmann::json::accept(text_of(finish().files[1])));
}

TEST_F(IndexStage, what_is_no_embedding_of_this_space_is_refused) {
  ASSERT_TRUE(add_audio("a", "a", {1, 2}));
  EXPECT_FALSE(add_audio("b", "b", {1, 2, 3}));
  EXPECT_FALSE(add_audio("c", "c", {1, std::numeric_limits<float>::infinity()}));
}

}  // namespace
}  // namespace earshot
