#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "caption.h"
#include "combination.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "palette.h"
#include "scene.h"
#include "scene_content.h"
#include "wav_file.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot::scenes {
namespace {

using Set = std::vector<std::size_t>;

constexpr std::int64_t kFrames = 160'000;

Composer composer(std::uint64_t seed = 1, std::vector<std::int64_t> counts = {1, 2, 2, 3}) {
  auto bank = SoundBank::open(synthetic_palette(), 16'000, 10).value();
  auto combinations = Combinations::create(bank->size(), std::move(counts), SplitBy::kMixture, seed).value();
  return {std::move(bank), std::move(combinations), kFrames, seed};
}

Result<std::unique_ptr<Stage>> create(const OptionValues& values) { return earshot_plugin()->create(values, Setup{}); }

std::unique_ptr<Stage> source(OptionValues values = {}) {
  values.try_emplace("palette", OptionValue{std::string("synthetic")});
  return create(values).value();
}

std::unique_ptr<View> view_of(const Stage& stage, std::string_view view, std::string_view split) {
  return dynamic_cast<const Source&>(stage).open(view, split).value();
}

const std::string& text_of(const PayloadPtr& payload) { return static_cast<const Text&>(*payload).utf8(); }

std::vector<float> sound_of(const PayloadPtr& payload) {
  const auto& recording = static_cast<const Recording&>(*payload);
  return recording.content().render(recording.frames(), Downmix::kMean).value();
}

TEST(Combinations, permutation_is_one_to_one_at_every_small_size) {
  for (std::uint64_t size = 1; size < 200; ++size) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) seen.insert(permute(i, size, 7));
    ASSERT_EQ(seen.size(), size);
    ASSERT_LT(*seen.rbegin(), size);
  }
}

TEST(Combinations, numbers_and_sets_of_three_are_one_to_one) {
  std::set<Set> sets;
  for (std::uint64_t i = 0; i < count_of_sets(9, 3); ++i) sets.insert(set_of_number(i, 3));
  EXPECT_EQ(sets.size(), 84U);  // C(9, 3)
  EXPECT_EQ(*sets.begin(), (Set{0, 1, 2}));
  EXPECT_EQ(*sets.rbegin(), (Set{6, 7, 8}));
}

TEST(Combinations, no_set_of_a_held_out_scene_is_that_of_a_training_scene) {
  const auto combinations = Combinations::create(30, {1, 2, 2, 3}, SplitBy::kMixture, 1).value();
  std::map<Set, Split> owner;
  for (const Split split : {Split::kTest, Split::kValidation, Split::kTrain})
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const Set set = combinations.recordings(split, i);
      ASSERT_EQ(owner.try_emplace(set, split).first->second, split);
    }
  EXPECT_EQ(owner.size(), 30U + 435U + 4060U);  // every set was met: C(30, 1) + C(30, 2) + C(30, 3)
}

TEST(Combinations, held_out_scenes_are_mixtures_and_meet_all_recordings) {
  const auto combinations = Combinations::create(30, {1, 2, 2, 3}, SplitBy::kMixture, 1).value();
  std::set<std::size_t> recordings;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Set set = combinations.recordings(Split::kTest, i);
    ASSERT_GE(set.size(), 2U);
    recordings.insert(set.begin(), set.end());
  }
  EXPECT_EQ(recordings.size(), 30U);
}

TEST(Combinations, no_set_comes_twice_before_all_of_its_split_were_there) {
  const auto combinations = Combinations::create(85, {2}, SplitBy::kMixture, 3).value();
  std::set<Set> sets;
  for (std::uint64_t i = 0; i < 446; ++i) sets.insert(combinations.recordings(Split::kTest, i));  // C(85, 2) / 8
  EXPECT_EQ(sets.size(), 446U);
}

TEST(Combinations, split_by_recording_shares_no_recording) {
  const auto combinations = Combinations::create(40, {1, 2, 3}, SplitBy::kRecording, 1).value();
  std::map<std::size_t, Split> owner;
  for (const Split split : {Split::kTest, Split::kValidation, Split::kTrain})
    for (std::uint64_t i = 0; i < 3'000; ++i)
      for (const std::size_t recording : combinations.recordings(split, i))
        ASSERT_EQ(owner.try_emplace(recording, split).first->second, split);
  EXPECT_EQ(owner.size(), 40U);
}

TEST(Combinations, too_small_a_palette_is_refused) {
  EXPECT_EQ(Combinations::create(3, {2}, SplitBy::kMixture, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Combinations::create(16, {3}, SplitBy::kRecording, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Combinations::create(30, {1}, SplitBy::kMixture, 1).error().code, ErrorCode::kInvalidArgument);
}

TEST(Scene, steps_follow_one_another_without_overlap) {
  const Composer composed = composer();
  for (std::int64_t i = 0; i < 500; ++i) {
    const Scene scene = composed.scene(Split::kTrain, i);
    std::int64_t end = 0;
    auto part = scene.parts.begin();
    for (const Set& step : scene.arrangement.steps) {
      std::int64_t step_end = 0;
      for (const std::size_t sound : step) {
        ASSERT_EQ(part->sound, sound);
        ASSERT_GT(part->start, end);
        step_end = std::max(step_end, part->start + part->frames);
        ++part;
      }
      end = step_end;
    }
    ASSERT_LT(end, kFrames);
  }
}

TEST(Scene, sounds_said_to_be_at_once_overlap) {
  const Composer composed = composer(1, {2, 3});
  int met = 0;
  for (std::int64_t i = 0; i < 200; ++i) {
    const Scene scene = composed.scene(Split::kTrain, i);
    std::size_t first = 0;
    for (const Set& step : scene.arrangement.steps) {
      if (step.size() == 2) {
        const Part& a = scene.parts[first];
        const Part& b = scene.parts[first + 1];
        EXPECT_LT(std::max(a.start, b.start), std::min(a.start + a.frames, b.start + b.frames));
        ++met;
      }
      first += step.size();
    }
  }
  EXPECT_GT(met, 40);
}

TEST(Scene, only_sustained_sounds_stand_behind_a_whole_scene) {
  const Composer composed = composer();
  int met = 0;
  for (std::int64_t i = 0; i < 300; ++i) {
    const Scene scene = composed.scene(Split::kTrain, i);
    if (!scene.arrangement.background) continue;
    EXPECT_TRUE(composed.bank()->sound(*scene.arrangement.background).sustained);
    EXPECT_EQ(scene.parts.back().frames, kFrames);
    ++met;
  }
  EXPECT_GT(met, 30);
}

TEST(Scene, captions_tell_every_sound_in_the_order_in_which_it_is_heard) {
  const Composer composed = composer();
  const auto tag = [](std::size_t sound) { return "<" + std::to_string(sound) + ">"; };
  for (std::int64_t i = 0; i < 200; ++i) {
    const Arrangement arrangement = composed.scene(Split::kTest, i).arrangement;
    const std::string sentence = compose_caption(arrangement, tag, Random(1, static_cast<std::uint64_t>(i), "test"));
    std::size_t before = 0;
    for (const Set& step : arrangement.steps) {
      std::size_t last = before;
      for (const std::size_t sound : step) {
        const std::size_t at = sentence.find(tag(sound), before);
        ASSERT_NE(at, std::string::npos) << sentence;
        last = std::max(last, at);
      }
      before = last;
    }
    if (arrangement.background) {
      EXPECT_NE(sentence.find(tag(*arrangement.background)), std::string::npos);
    }
  }
}

TEST(Scene, two_sounds_one_after_the_other_read_like_a_sentence) {
  const Arrangement arrangement{.steps = {{0}, {1}}, .background = {}};
  const auto clause = [](std::size_t i) { return i == 0 ? "an owl hoots" : "a fire truck passes"; };
  std::set<std::string> sentences;
  for (std::uint64_t i = 0; i < 50; ++i) sentences.insert(compose_caption(arrangement, clause, Random(1, i, "test")));
  EXPECT_TRUE(sentences.contains("an owl hoots, then a fire truck passes"));
  EXPECT_EQ(sentences.size(), 4U);
}

TEST(SceneContent, any_range_has_the_bits_of_the_whole) {
  const Composer composed = composer();
  for (const std::int64_t index : {0, 1, 2, 3}) {
    const SceneContent content(composed.bank(), composed.scene(Split::kTest, index));
    const std::vector<float> whole = content.render({0, kFrames}, Downmix::kMean).value();
    for (const FrameRange range : {FrameRange{0, 1}, {12'345, 40'001}, {kFrames - 7, 7}, {kFrames, 0}}) {
      const std::vector<float> part = content.render(range, Downmix::kMean).value();
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + range.first));
    }
    EXPECT_EQ(content.render({kFrames, 1}, Downmix::kMean).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(SceneContent, scenes_are_audible_and_never_clip) {
  const Composer composed = composer(1, {3});
  for (std::int64_t i = 0; i < 30; ++i) {
    const SceneContent content(composed.bank(), composed.scene(Split::kTrain, i));
    float peak = 0;
    const std::vector<float> sound = content.render({0, kFrames}, Downmix::kMean).value();
    for (const float sample : sound) peak = std::max(peak, std::abs(sample));
    EXPECT_GT(peak, 0.02F);
    EXPECT_LE(peak, 1.0F);
  }
}

TEST(SceneContent, the_content_id_follows_scene_seed_and_rate) {
  const Composer composed = composer();
  const auto id = [](const Composer& c, std::int64_t i) {
    return content_id(*c.bank(), c.scene(Split::kTest, i)).value();
  };
  EXPECT_EQ(id(composed, 5), id(composer(), 5));
  EXPECT_NE(id(composed, 5), id(composed, 6));
  EXPECT_NE(id(composed, 5), id(composer(2), 5));
}

TEST(Palette, synthetic_sounds_are_many_finite_and_differ) {
  std::set<std::vector<float>> sounds;
  for (const Sound& sound : synthetic_palette()) {
    const std::vector<float> samples = synthesise(sound.formula, 16'000);
    for (const float sample : samples) ASSERT_LE(std::abs(sample), 1.0F) << sound.name;
    sounds.insert(samples);
  }
  EXPECT_GE(sounds.size(), 12U);
  EXPECT_EQ(sounds.size(), synthetic_palette().size());
}

TEST(Palette, the_package_palette_keeps_the_rules_of_data) {
  const std::vector<Sound> sounds = package_palette().value();
  std::set<std::string> captions;
  std::size_t count = 0;
  for (const Sound& sound : sounds)
    for (const std::string& caption : sound.captions) {
      captions.insert(caption);
      ++count;
      for (const char c : caption) ASSERT_TRUE((c >= 'a' && c <= 'z') || c == ' ' || c == '-' || c == '\'') << caption;
    }
  EXPECT_GE(sounds.size(), 75U);
  EXPECT_EQ(captions.size(), count);
}

TEST(Palette, broken_files_are_refused_with_the_entry_named) {
  const auto error = [](const std::string& entry) {
    return parse_palette(R"({"format": 1, "recordings": [)" + entry + "]}", "x").error().message;
  };
  EXPECT_NE(error(R"({"file": "../a.wav", "captions": ["a", "b", "c"]})").find("below the root"), std::string::npos);
  EXPECT_NE(error(R"({"file": "a.wav", "captions": ["a", "b"]})").find("at least three"), std::string::npos);
  EXPECT_NE(error(R"({"file": "a.wav", "captions": ["a", "b, c", "d"]})").find("clause"), std::string::npos);
  EXPECT_NE(error(R"({"file": "a.wav", "tags": 1})").find("unknown key \"tags\""), std::string::npos);
  EXPECT_NE(error("3").find("entry 1"), std::string::npos);
  EXPECT_FALSE(parse_palette("{", "x").ok());
  EXPECT_FALSE(parse_palette(std::string(100'000, '['), "x").ok());
}

TEST(ScenesStage, views_have_the_size_and_relation_they_state) {
  const auto stage = source({{"test", {std::int64_t{40}}}, {"captions", {std::int64_t{3}}}});
  const auto pairs = view_of(*stage, "pairs", "test");
  const auto recordings = view_of(*stage, "recordings", "test");
  const auto captions = view_of(*stage, "captions", "test");
  EXPECT_EQ(pairs->size(), 120);
  EXPECT_EQ(recordings->size(), 40);
  EXPECT_EQ(captions->size(), 120);
  EXPECT_EQ(captions->header(119).related, recordings->header(39).id);
  EXPECT_EQ(captions->header(119).id, "test-000039:3");
  EXPECT_EQ(text_of(pairs->record(7)->operator[](1)), text_of(captions->record(7)->operator[](0)));
}

TEST(ScenesStage, no_split_named_means_all_of_them) {
  const auto stage =
      source({{"train", {std::int64_t{5}}}, {"validation", {std::int64_t{3}}}, {"test", {std::int64_t{2}}}});
  const auto all = view_of(*stage, "recordings", "");
  ASSERT_EQ(all->size(), 10);
  EXPECT_EQ(all->header(0).id, "train-000000");
  EXPECT_EQ(all->header(9).id, "test-000001");
}

TEST(ScenesStage, a_split_that_is_not_there_is_refused) {
  const auto stage = source();
  const auto opened = dynamic_cast<const Source&>(*stage).open("pairs", "evaluation");
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

TEST(ScenesStage, the_report_says_what_is_new_in_held_out_scenes) {
  const auto stage = source();
  EXPECT_EQ(dynamic_cast<const Source&>(*stage).notes().at(0), "held-out scenes: recordings known, mixtures new");
}

TEST(ScenesStage, eight_threads_get_the_bits_of_one) {
  const auto alone = view_of(*source(), "recordings", "test");
  const auto stage = source();
  const auto shared = view_of(*stage, "recordings", "test");
  std::vector<std::vector<float>> rendered(16);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < rendered.size(); i += 8)
          rendered[i] = sound_of(shared->record(static_cast<std::int64_t>(i))->operator[](0));
      });
  }
  for (std::size_t i = 0; i < rendered.size(); ++i)
    EXPECT_EQ(rendered[i], sound_of(alone->record(static_cast<std::int64_t>(i))->operator[](0)));
}

TEST(ScenesStage, a_palette_of_ones_own_is_heard_and_hashed_by_its_bytes) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "earshot_palette";
  std::string entries;
  for (int i = 0; i < 16; ++i) {
    const std::string n = std::to_string(i);
    earshot::testing::write_wav(folder / ("s" + n + ".wav"), 8'000, 22'050, 100.0 * (i + 1));
    entries += (i > 0 ? "," : "") + (R"({"file": "s)" + n + R"(.wav", "captions": ["a", "b", "c"]})");
  }
  std::ofstream(folder / "p.json") << R"({"format": 1, "recordings": [)" + entries + "]}";
  const OptionValues values = {{"palette", {std::string("file")}}, {"file", {(folder / "p.json").string()}}};
  const auto before = view_of(*source(values), "recordings", "test");
  EXPECT_GT(sound_of(before->record(0)->operator[](0)).size(), 0U);
  const std::string id = before->content_id(0, 0).value();
  for (int i = 0; i < 16; ++i)
    earshot::testing::write_wav(folder / ("s" + std::to_string(i) + ".wav"), 8'000, 22'050, 110.0 * (i + 1));
  EXPECT_NE(view_of(*source(values), "recordings", "test")->content_id(0, 0).value(), id);
  std::filesystem::remove_all(folder);
}

TEST(ScenesStage, an_absent_package_is_an_error_and_auto_goes_on_without) {
  const auto package = create({{"palette", {std::string("package")}}});
  if (!package.ok()) {
    EXPECT_EQ(package.error().code, ErrorCode::kNotFound);
  }
  EXPECT_TRUE(create({}).ok());
}

TEST(ScenesStage, every_recording_of_the_package_can_be_heard) {
  const std::vector<Sound> sounds = package_palette().value();
  if (!std::filesystem::exists(sounds[0].file)) GTEST_SKIP() << "tuxpaint-stamps-default is not installed";
  const auto bank = SoundBank::open(sounds, 16'000, 10).value();
  for (std::size_t i = 0; i < bank->size(); ++i) {
    const auto samples = bank->samples(i);
    ASSERT_TRUE(samples.ok()) << samples.error().message;
    EXPECT_EQ(static_cast<std::int64_t>(samples->size()), bank->frames(i));
  }
}

}  // namespace
}  // namespace earshot::scenes
