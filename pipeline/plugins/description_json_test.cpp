#include "earshot/pipeline/plugins/description_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace earshot::plugins {
namespace {

// One of everything that a description can hold.
PluginDescription full() {
  PluginDescription plugin;
  plugin.name = "full";
  plugin.algorithm = 3;
  plugin.sentence = "holds \"everything\"\n\xc3\xa9";
  plugin.kind = StageKind::kBatchMap;
  plugin.determinism = Determinism::kNumeric;
  plugin.header_only = plugin.ranged = plugin.compute_lane = plugin.trainable = plugin.weights = true;
  plugin.any_device = true;
  plugin.metrics = {{"map@{count}", "pool", "max"}, {"accuracy", "", ""}};
  plugin.offers = "earshot.nn.parameters/1";
  plugin.wants = "other/2";
  plugin.options = {
      {.name = "level", .type = OptionType::kDouble, .unit = "dB", .min = -60, .max = 60.5, .default_value = {3.0}},
      {.name = "count", .type = OptionType::kInt, .min = 0, .default_value = {std::int64_t{1} << 62}},
      {.name = "rate", .type = OptionType::kInt, .may_be_auto = true, .default_value = {Auto{}}},
      {.name = "pool", .type = OptionType::kChoice, .choices = {"mean", "max"}, .default_value = {std::string("max")}},
      {.name = "on", .type = OptionType::kBool, .affects_output = false, .default_value = {true}},
      {.name = "files",
       .type = OptionType::kFile,
       .list = true,
       .required = true,
       .default_value = {OptionValue::List{{std::string("a")}, {0.1}}},
       .sentence = "read"}};
  plugin.inputs = {
      {.name = "in", .kind = "mel", .axes = "[mel, frame]", .optional = true, .many = true, .derived = true}};
  plugin.outputs = {{.name = "out", .kind = "mel", .view = "pairs"}};
  for (const FactRuleKind kind : {FactRuleKind::kFree, FactRuleKind::kConstant, FactRuleKind::kOption,
                                  FactRuleKind::kSameAs, FactRuleKind::kLate, FactRuleKind::kPerItem})
    plugin.outputs[0].facts.push_back({"fact", kind, "text", "in"});
  return plugin;
}

nlohmann::ordered_json document() { return nlohmann::ordered_json::parse(to_json(full())); }

std::string error_of(const nlohmann::ordered_json& json) {
  const Result<PluginDescription> read = description_from_json(json.dump());
  return read.ok() ? "" : read.error().message;
}

TEST(DescriptionJson, everything_comes_back) {
  const Result<PluginDescription> read = description_from_json(to_json(full()));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(full()));
  for (std::size_t i = 0; i < full().options.size(); ++i)
    EXPECT_EQ(read->options[i].default_value, full().options[i].default_value) << i;
  EXPECT_EQ(read->options[0].max, 60.5);
  EXPECT_EQ(read->options[0].unit, "dB");
  EXPECT_TRUE(read->inputs[0].derived);
  EXPECT_EQ(read->outputs[0].facts[3].kind, FactRuleKind::kSameAs);
  EXPECT_EQ(read->kind, StageKind::kBatchMap);
}

TEST(DescriptionJson, a_missing_key_is_named) {
  auto json = document();
  json["options"][0].erase("unit");
  EXPECT_EQ(error_of(json), "a plugin's description: options: key \"unit\" is missing");
}

TEST(DescriptionJson, a_key_too_many_is_refused) {
  auto json = document();
  json["colour"] = "red";
  EXPECT_EQ(error_of(json), "a plugin's description: has 18 keys, expected 17");
}

TEST(DescriptionJson, a_wrong_type_is_refused) {
  auto json = document();
  json["algorithm"] = 1.5;
  EXPECT_EQ(error_of(json), "a plugin's description: algorithm: expected a whole number");
  json = document();
  json["options"] = "none";
  EXPECT_EQ(error_of(json), "a plugin's description: options: expected a list");
}

TEST(DescriptionJson, an_unknown_word_is_refused) {
  auto json = document();
  json["kind"] = "teapot";
  EXPECT_EQ(error_of(json), "a plugin's description: kind: \"teapot\" is no word that belongs here");
}

TEST(DescriptionJson, what_is_no_json_is_refused) {
  EXPECT_FALSE(description_from_json("").ok());
  EXPECT_FALSE(description_from_json("{").ok());
  EXPECT_FALSE(description_from_json("[]").ok());
  EXPECT_FALSE(description_from_json(std::string(100'000, '[')).ok());
}

}  // namespace
}  // namespace earshot::plugins
