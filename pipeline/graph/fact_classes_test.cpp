#include "fact_classes.h"

#include <deque>

#include <gtest/gtest.h>

namespace earshot::graph {
namespace {

PortDescription port(const char* name, FactRuleKind kind, const char* text = "", const char* other = "") {
  PortDescription port;
  port.name = name;
  port.facts = {{"rate", kind, text, other}};
  return port;
}

class Facts : public testing::Test {
 protected:
  // A stage with one input and one output, both called "audio".
  void add(PortDescription input, PortDescription output, OptionValues options = {}) {
    descriptions_.push_back({});
    descriptions_.back().inputs = {std::move(input)};
    descriptions_.back().outputs = {std::move(output)};
    DraftStage stage;
    stage.description = &descriptions_.back();
    stage.resolved.options = std::move(options);
    classes_.add_stage(stage, count_++);
  }
  static PortFact in(int stage) { return {stage, false, 0, "rate"}; }
  static PortFact out(int stage) { return {stage, true, 0, "rate"}; }

  std::deque<PluginDescription> descriptions_;
  FactClasses classes_;
  int count_ = 0;
};

TEST_F(Facts, a_constant_travels_along_equal_ports) {
  add(port("audio", FactRuleKind::kFree), port("audio", FactRuleKind::kSameAs, "rate", "audio"));
  add(port("audio", FactRuleKind::kConstant, "32000"), port("audio", FactRuleKind::kFree));
  EXPECT_TRUE(classes_.unify(out(0), in(1)));
  EXPECT_EQ(classes_.find(in(0))->stated->value, "32000");
  EXPECT_FALSE(classes_.find(out(1))->stated);
}

TEST_F(Facts, an_input_may_ask_for_what_its_output_is) {
  add(port("audio", FactRuleKind::kSameAs, "rate", "audio"), port("audio", FactRuleKind::kConstant, "8000"));
  EXPECT_EQ(classes_.find(in(0))->stated->value, "8000");
}

TEST_F(Facts, two_stated_values_that_differ_stay_apart) {
  add(port("audio", FactRuleKind::kFree), port("audio", FactRuleKind::kConstant, "44100"));
  add(port("audio", FactRuleKind::kConstant, "32000"), port("audio", FactRuleKind::kFree));
  EXPECT_FALSE(classes_.unify(out(0), in(1)));
  EXPECT_FALSE(classes_.same(out(0), in(1)));
}

TEST_F(Facts, an_option_states_its_value_or_waits_for_one) {
  add(port("audio", FactRuleKind::kFree), port("audio", FactRuleKind::kOption, "hz"), {{"hz", {std::int64_t{16000}}}});
  add(port("audio", FactRuleKind::kFree), port("audio", FactRuleKind::kOption, "hz"), {{"hz", {Auto{}}}});
  EXPECT_EQ(classes_.find(out(0))->stated->value, "16000");
  EXPECT_FALSE(classes_.find(out(1))->stated);
  EXPECT_EQ(classes_.find(out(1))->autos.size(), 1U);
}

TEST_F(Facts, a_declared_default_gives_way_to_a_stated_value) {
  add(port("audio", FactRuleKind::kFree), port("audio", FactRuleKind::kFree, "22050"));
  EXPECT_EQ(classes_.find(out(0))->fallback, "22050");
  add(port("audio", FactRuleKind::kConstant, "32000"), port("audio", FactRuleKind::kFree));
  EXPECT_TRUE(classes_.unify(out(0), in(1)));
  EXPECT_EQ(classes_.find(out(0))->stated->value, "32000");
}

}  // namespace
}  // namespace earshot::graph
