#include "earshot/pipeline/plugins/validate.h"

#include <gtest/gtest.h>

namespace earshot::plugins {
namespace {

PluginDescription pass() {
  PluginDescription plugin;
  plugin.name = "pass";
  plugin.sentence = "hands on what it gets";
  plugin.inputs = {{.name = "in", .kind = "mel", .facts = {{"rate", FactRuleKind::kFree, "", ""}}}};
  plugin.outputs = {{.name = "out", .kind = "mel", .facts = {{"rate", FactRuleKind::kSameAs, "rate", "in"}}}};
  plugin.options = {{.name = "level", .type = OptionType::kDouble, .default_value = {0.0}, .sentence = "level"}};
  return plugin;
}

// The one sentence that a change of pass() brings about.
template <class Change>
std::string wrong(Change change) {
  PluginDescription plugin = pass();
  change(plugin);
  const std::vector<std::string> found = validate(plugin);
  return found.size() == 1 ? found[0] : std::to_string(found.size()) + " sentences";
}

TEST(Validate, a_sound_description_has_no_findings) { EXPECT_EQ(validate(pass()), std::vector<std::string>{}); }

TEST(Validate, names_are_bare_toml_keys) {
  EXPECT_EQ(wrong([](auto& p) { p.name = "a b"; }), "its name \"a b\" is not made of letters, digits, _ and -");
  EXPECT_EQ(wrong([](auto& p) { p.name = std::string(65, 'a'); }).substr(0, 8), "its name");
}

TEST(Validate, options_are_complete) {
  EXPECT_EQ(wrong([](auto& p) { p.options[0].sentence = ""; }), "option \"level\" has no sentence");
  EXPECT_EQ(wrong([](auto& p) { p.options[0].name = "cache"; }),
            "option \"cache\" has the name of a key that every stage has");
  EXPECT_EQ(wrong([](auto& p) { p.options.push_back(p.options[0]); }), "option \"level\" is declared twice");
  EXPECT_EQ(wrong([](auto& p) { p.options[0].choices = {"a"}; }), "option \"level\" has choices but is no choice");
  EXPECT_EQ(wrong([](auto& p) { p.options[0].default_value = {std::string("loud")}; }),
            "option \"level\" has the default \"loud\", expected number");
}

TEST(Validate, a_required_option_needs_no_default) {
  PluginDescription plugin = pass();
  plugin.options[0].required = true;
  plugin.options[0].default_value = {std::string("")};
  EXPECT_EQ(validate(plugin), std::vector<std::string>{});
}

TEST(Validate, ports_fit_the_kind_of_stage) {
  EXPECT_EQ(wrong([](auto& p) { p.outputs.clear(); }), "it has no output");
  EXPECT_EQ(wrong([](auto& p) { p.kind = StageKind::kCollect; }), "it is a collect and has outputs");
  EXPECT_EQ(wrong([](auto& p) { p.inputs[0].kind = ""; }), "input \"in\" has no payload kind");
  EXPECT_EQ(wrong([](auto& p) { p.outputs[0].view = "pairs"; }),
            "output \"out\" belongs to a view, and this is no source");
}

TEST(Validate, metrics_are_of_a_collect_and_of_options_that_there_are) {
  EXPECT_EQ(wrong([](auto& p) {
              p.metrics = {{"recall@1", "", ""}};
            }),
            "metric \"recall@1\" is reported by a collect only");
  const auto of_collect = [](const MetricDescription& metric) {
    return wrong([&](auto& p) {
      p.kind = StageKind::kCollect;
      p.outputs.clear();
      p.metrics = {metric};
    });
  };
  EXPECT_EQ(of_collect({"map@{level}", "", ""}), "0 sentences");
  EXPECT_EQ(of_collect({"map@{k}", "", ""}), "metric \"map@{k}\" names option \"k\", which there is not");
  EXPECT_EQ(of_collect({"map", "k", "1"}), "metric \"map\" depends on option \"k\", which there is not");
}

TEST(Validate, a_source_has_views_and_no_inputs) {
  PluginDescription plugin = pass();
  plugin.kind = StageKind::kSource;
  EXPECT_EQ(validate(plugin),
            (std::vector<std::string>{"it is a source and has inputs", "output \"out\" belongs to no view"}));
}

TEST(Validate, a_fact_refers_to_what_is_there) {
  EXPECT_EQ(wrong([](auto& p) { p.outputs[0].facts[0].text = "front_end"; }),
            "output \"out\" says of its fact \"rate\" that it is \"front_end\" of port \"in\", which has no such fact");
  EXPECT_EQ(wrong([](auto& p) {
              p.outputs[0].facts[0] = {"rate", FactRuleKind::kConstant, "", ""};
            }),
            "output \"out\" says of its fact \"rate\" that it is constant, but no value");
}

TEST(Validate, ports_are_counted) {
  EXPECT_EQ(wrong([](auto& p) {
              for (int i = 0; i < 6; ++i) p.inputs.push_back({.name = "in" + std::to_string(i), .kind = "mel"});
            }),
            "it has more than 6 inputs");
}

}  // namespace
}  // namespace earshot::plugins
