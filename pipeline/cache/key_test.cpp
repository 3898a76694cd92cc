// What keeps every hit a hit, and what misses exactly what it must: tables of changes to one flow,
//   corpus.recordings.audio -> crop -> decode -> resample -> logmel -> audio -> pool, with windows in front of pool's.
#include "earshot/pipeline/cache/key.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace earshot::cache {
namespace {

enum Node { kCorpus, kCrop, kDecode, kResample, kLogmel, kAudio };

graph::ResolvedStage stage(const std::string& name, StageKind kind, const std::string& in, const std::string& out) {
  graph::ResolvedStage stage{.name = name, .plugin = name};
  stage.description.name = name;
  stage.description.kind = kind;
  if (!in.empty()) stage.description.inputs = {{.name = "in", .kind = in}};
  stage.description.outputs = {{.name = "out", .kind = out, .storable = true}};
  return stage;
}

struct Chain {
  Chain() {
    graph.stages = {stage("corpus", StageKind::kSource, "", "recording"),
                    stage("crop", StageKind::kMap, "recording", "recording"),
                    stage("decode", StageKind::kMap, "recording", "waveform"),
                    stage("resample", StageKind::kMap, "waveform", "waveform"),
                    stage("logmel", StageKind::kMap, "waveform", "mel"),
                    stage("audio", StageKind::kBatchMap, "mel", "embedding")};
    at(kCrop).description.header_only = true;
    at(kDecode).description.ranged = at(kResample).description.ranged = true;
    at(kAudio).description.trainable = true;
    option(kLogmel, "length_s", 10.0, 10.0);
    option(kResample, "rate", std::int64_t{0}, std::int64_t{32000});
    option(kCrop, "where", std::int64_t{0}, std::int64_t{0});
    at(kLogmel).facts["mel"]["front_end"] = "hop=320 mels=64";
    at(kAudio).facts["tokens"]["tokeniser"] = "content=abc family=wordpiece path=/weights";
    at(kAudio).weights = WeightsInfo{.files = {"a.safetensors"}};
    for (int node = kCorpus; node <= kAudio; ++node) {
      flow.nodes.push_back({.stage = node, .view = "recordings"});
      if (node > 0) flow.edges.push_back({.from = node - 1, .to = node});
    }
  }
  graph::ResolvedStage& at(int node) { return graph.stages[static_cast<std::size_t>(node)]; }
  template <class T>
  void option(int node, const std::string& name, T usual, T value) {
    at(node).description.options.push_back({.name = name, .default_value = {usual}});
    at(node).options[name] = {value};
  }
  std::vector<Recipe> recipes() {
    return recipes_of(graph, flow,
                      [](const std::filesystem::path& file) -> Result<std::string> { return "id of " + file.string(); })
        .value();
  }
  std::string hash(int node) { return recipes()[static_cast<std::size_t>(node)].hash; }

  graph::ResolvedGraph graph;
  graph::ResolvedFlow flow;
};

struct Change {
  const char* what;
  std::function<void(Chain&)> apply;
  int first_miss;  // the first node whose recipe differs; none behind the last
};

constexpr int kNone = kAudio + 1;

const std::vector<Change>& changes() {
  static const std::vector<Change> kAll = {
      {"a stage renamed", [](Chain& c) { c.at(kLogmel).name = "spectrogram"; }, kNone},
      {"an option set to its default", [](Chain& c) { c.at(kLogmel).options.erase("length_s"); }, kNone},
      {"another device", [](Chain& c) { c.at(kAudio).device = "cuda"; }, kNone},
      {"another source plugin", [](Chain& c) { c.at(kCorpus).description.name = "esc"; }, kNone},
      {"an option of a selector", [](Chain& c) { c.at(kCrop).options["where"] = {std::int64_t{2}}; }, kNone},
      {"an option without effect",
       [](Chain& c) {
         c.option(kLogmel, "threads", std::int64_t{1}, std::int64_t{2});
         c.at(kLogmel).description.options.back().affects_output = false;
       },
       kNone},
      {"weights elsewhere, the same bytes", [](Chain& c) { c.at(kAudio).options["weights"] = {std::string("/b")}; },
       kNone},
      {"a vocabulary elsewhere, the same bytes",
       [](Chain& c) { c.at(kAudio).facts["tokens"]["tokeniser"] = "content=abc family=wordpiece path=/moved"; }, kNone},
      {"another vocabulary",
       [](Chain& c) { c.at(kAudio).facts["tokens"]["tokeniser"] = "content=xyz family=wordpiece path=/weights"; },
       kAudio},
      {"a path without a content",
       [](Chain& c) { c.at(kAudio).facts["tokens"]["tokeniser"] = "family=wordpiece path=/weights"; }, kAudio},
      {"an option of the last stage", [](Chain& c) { c.option(kAudio, "dim", std::int64_t{1}, std::int64_t{2}); },
       kAudio},
      {"an option in the middle", [](Chain& c) { c.at(kLogmel).options["length_s"] = {5.0}; }, kLogmel},
      {"an algorithm version", [](Chain& c) { ++c.at(kDecode).description.algorithm; }, kDecode},
      {"other weights", [](Chain& c) { c.at(kAudio).weights->files = {"b.safetensors"}; }, kAudio},
      {"drawn weights", [](Chain& c) { c.at(kAudio).weights.reset(); }, kAudio},
      {"a precision", [](Chain& c) { c.at(kAudio).precision = "bf16"; }, kAudio},
      {"an encoder's rate", [](Chain& c) { c.at(kResample).options["rate"] = {std::int64_t{16000}}; }, kResample},
      {"an encoder's front end", [](Chain& c) { c.at(kLogmel).facts["mel"]["front_end"] = "hop=160 mels=64"; },
       kLogmel},
      {"the form of a kept value", [](Chain& c) { c.at(kResample).cache_form = "pcm16"; }, kResample},
  };
  return kAll;
}

TEST(Key, each_change_misses_exactly_what_it_must) {
  Chain before;
  for (const Change& change : changes()) {
    Chain after;
    change.apply(after);
    for (int node = kDecode; node <= kAudio; ++node)
      EXPECT_EQ(before.hash(node) == after.hash(node), node < change.first_miss) << change.what << ", node " << node;
  }
}

TEST(Key, drawn_weights_are_those_of_seed_and_name) {
  Chain before;
  before.at(kAudio).weights.reset();
  Chain other_seed = before;
  other_seed.graph.seed = 2;
  Chain other_name = before;
  other_name.at(kAudio).name = "ears";
  EXPECT_NE(before.hash(kAudio), other_seed.hash(kAudio));
  EXPECT_NE(before.hash(kAudio), other_name.hash(kAudio));
}

TEST(Key, what_a_gpu_computed_is_said_of_everything_behind_it) {
  Chain chain;
  chain.at(kLogmel).device = "cuda:1";
  EXPECT_FALSE(chain.recipes()[kResample].on_gpu);
  EXPECT_TRUE(chain.recipes()[kLogmel].on_gpu);
  EXPECT_TRUE(chain.recipes()[kAudio].on_gpu);
}

TEST(Key, a_selector_is_a_range_of_the_source) {
  Chain chain;
  const Recipe recipe = chain.recipes()[kLogmel];
  EXPECT_EQ(recipe.origins, (std::vector<Origin>{{kCorpus, 0, kCrop}}));
  EXPECT_FALSE(recipe.ranged);
  EXPECT_TRUE(chain.recipes()[kResample].ranged);
}

TEST(Key, how_many_children_were_made_counts_where_they_are_collapsed) {
  Chain few;
  few.graph.stages.push_back(stage("pool", StageKind::kCollapse, "embedding", "embedding"));
  few.flow.nodes.push_back({.stage = kAudio + 1});
  few.flow.edges.push_back({.from = kAudio, .to = kAudio + 1});
  Chain many = few;
  many.at(kCrop).options["where"] = {std::int64_t{6}};
  EXPECT_EQ(few.hash(kAudio), many.hash(kAudio));
  EXPECT_NE(few.hash(kAudio + 1), many.hash(kAudio + 1));
}

TEST(Key, port_range_and_content_count) {
  const Recipe recipe = Chain().recipes()[kLogmel];
  EXPECT_EQ(contents_text("ab", std::nullopt), "ab");
  EXPECT_EQ(contents_text("ab", TimeRange{1500, 10000}), "ab 1500+10000");
  EXPECT_EQ(contents_text("ab", TimeRange{1500, {}}), "ab 1500+");
  EXPECT_EQ(key_of(recipe, "mel", "ab"), key_of(recipe, "mel", "ab"));
  EXPECT_NE(key_of(recipe, "mel", "ab"), key_of(recipe, "mel", "ac"));
  EXPECT_NE(key_of(recipe, "mel", "ab"), key_of(recipe, "gain", "ab"));
}

TEST(Key, people_are_told_every_part) {
  const Description description = Chain().recipes()[kAudio].description;
  EXPECT_EQ(description.stage, "audio");
  const auto part = [&](const std::string& name) {
    for (const auto& [key, value] : description.parts)
      if (key == name) return value;
    return std::string("absent");
  };
  EXPECT_EQ(part("resample.rate"), "32000");
  EXPECT_EQ(part("audio.weights"), "id of a.safetensors");
  EXPECT_EQ(part("logmel.fact mel.front_end"), "hop=320 mels=64");
}

}  // namespace
}  // namespace earshot::cache
