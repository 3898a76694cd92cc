#include "earshot/pipeline/plugins/print.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace earshot::plugins {
namespace {

PluginDescription gain() {
  PluginDescription plugin;
  plugin.name = "gain";
  plugin.sentence = "multiplies a waveform by a constant";
  plugin.ranged = true;
  plugin.options = {{.name = "level_db",
                     .type = OptionType::kDouble,
                     .unit = "dB",
                     .min = -60,
                     .max = 60,
                     .default_value = {0.0},
                     .sentence = "added to the level"},
                    {.name = "table", .type = OptionType::kFile, .required = true, .sentence = "levels by hour"},
                    {.name = "rate",
                     .type = OptionType::kInt,
                     .may_be_auto = true,
                     .unit = "Hz",
                     .default_value = {Auto{}},
                     .sentence = "of the result"}};
  plugin.inputs = {{.name = "audio",
                    .kind = "waveform",
                    .axes = "[frame]",
                    .facts = {{"sample_rate", FactRuleKind::kFree, "", ""}}}};
  plugin.outputs = {{.name = "audio",
                     .kind = "waveform",
                     .axes = "[frame]",
                     .facts = {{"sample_rate", FactRuleKind::kSameAs, "sample_rate", "audio"}}}};
  return plugin;
}

TEST(Print, a_plugin_is_described_for_people) {
  EXPECT_EQ(describe_text(gain()),
            R"(gain: multiplies a waveform by a constant
map, the same bits everywhere, computes ranges

options
  level_db  number from -60 to 60 dB       default 0.0   added to the level
  table     path of a file                 required      levels by hour
  rate      whole number in Hz, or "auto"  default auto  of the result

inputs
  audio  waveform  [frame]  sample_rate follows the graph

outputs
  audio  waveform  [frame]  sample_rate is that of audio

to paste into a graph

[stage.gain]
plugin = "gain"
level_db = 0.0  # number from -60 to 60 dB: added to the level
table = "PATH"  # path of a file, required: levels by hour
rate = "auto"  # whole number in Hz, or "auto": of the result
)");
}

TEST(Print, the_listing_is_one_json_document) {
  const PluginDescription description = gain();
  Catalogue catalogue;
  catalogue.add({&description, nullptr, nullptr});
  const auto json = nlohmann::json::parse(plugins_json(catalogue));
  EXPECT_EQ(json["plugins"][0]["name"], "gain");
  EXPECT_EQ(json["plugins"][0]["kind"], "map");
  EXPECT_EQ(json["unusable"].size(), 0U);
  EXPECT_EQ(plugins_text(catalogue), "1 plugin\n  gain  map  multiplies a waveform by a constant\n");
}

}  // namespace
}  // namespace earshot::plugins
