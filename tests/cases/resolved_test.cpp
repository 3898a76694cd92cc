// What the resolved graph holds, where the text of a case would not show it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "earshot/pipeline/graph/check.h"
#include "earshot/pipeline/graph/draw.h"
#include "fake_plugins.h"

namespace earshot::graph {
namespace {

namespace fs = std::filesystem;

class Resolved : public testing::Test {
 protected:
  void SetUp() override { fs::current_path(EARSHOT_SOURCE_DIR); }

  // The two towers with `text` on top.
  ResolvedGraph resolve(const std::string& text, Overrides overrides = {}) {
    const fs::path file = fs::path(testing::TempDir()) / "resolved_test.toml";
    const std::string base = fs::relative("tests/cases/base/towers.toml", testing::TempDir()).string();
    std::ofstream(file) << "format = 1\nextends = \"" << base << "\"\n" << text;
    const CheckResult result = check(file, overrides, plugins_);
    EXPECT_TRUE(result.ok()) << format(result.diagnostics);
    return result.graph.value_or(ResolvedGraph{});
  }
  static const ResolvedStage& stage(const ResolvedGraph& graph, const std::string& name) {
    return *std::find_if(graph.stages.begin(), graph.stages.end(), [&](const auto& one) { return one.name == name; });
  }
  static const ResolvedNode& node(const ResolvedGraph& graph, const ResolvedFlow& flow, const std::string& name) {
    return *std::find_if(flow.nodes.begin(), flow.nodes.end(), [&](const ResolvedNode& one) {
      return graph.stages[static_cast<std::size_t>(one.stage)].name == name;
    });
  }

  const fake::FakePlugins plugins_;
};

TEST_F(Resolved, rate_and_front_end_follow_the_encoder) {
  for (const auto& [plugin, rate, mels] :
       {std::tuple("cnn", 32000, "mels=64"), std::tuple("beats", 16000, "mels=128")}) {
    const ResolvedGraph graph = resolve("", {.sets = {{std::string("stage.audio.plugin=") + plugin, 1}}});
    EXPECT_EQ(stage(graph, "resample").options.at("rate"), (OptionValue{std::int64_t{rate}}));
    EXPECT_NE(stage(graph, "logmel").facts.at("mel").at("front_end").find(mels), std::string::npos);
    EXPECT_EQ(stage(graph, "mixco").facts.at("audio").at("sample_rate"), std::to_string(rate));
  }
}

TEST_F(Resolved, tokeniser_and_width_follow_the_weights_once_these_are_opened) {
  const auto with = [&](const char* weights) {
    return resolve(std::string("[stage.text]\nplugin = \"subwords\"\nweights = \"") + weights + "\"\n");
  };
  const ResolvedGraph opened = with("kind=subwords size=9");
  EXPECT_EQ(stage(opened, "tokenise").facts.at("tokens").at("tokeniser"), "kind=subwords size=9");
  EXPECT_EQ(stage(opened, "text").facts.at("embedding").at("dim"), "384");
  EXPECT_TRUE(stage(opened, "text").weights.has_value());
  const ResolvedGraph closed = with("closed");
  EXPECT_FALSE(stage(closed, "tokenise").facts.contains("tokens"));
  EXPECT_FALSE(stage(closed, "text").weights.has_value());
}

TEST_F(Resolved, nodes_come_in_topological_order) {
  const ResolvedGraph graph = resolve("");
  for (const ResolvedFlow& flow : graph.flows)
    for (const ResolvedEdge& edge : flow.edges) EXPECT_LT(edge.from, edge.to);
}

TEST_F(Resolved, levels_views_and_expands_are_those_of_the_wires) {
  const ResolvedGraph graph = resolve("");
  const ResolvedFlow& train = graph.flows[0];
  EXPECT_EQ(node(graph, train, "decode").level, Level::kItem);
  EXPECT_EQ(node(graph, train, "logmel").level, Level::kBatch);  // behind mixco
  EXPECT_EQ(node(graph, train, "tokenise").view, "pairs");
  const ResolvedFlow& evaluate = graph.flows[1];
  EXPECT_EQ(node(graph, evaluate, "logmel").level, Level::kItem);
  EXPECT_EQ(node(graph, evaluate, "audio").expand, 1);  // windows
  EXPECT_EQ(node(graph, evaluate, "windows").expand, -1);
  EXPECT_EQ(node(graph, evaluate, "rank").level, Level::kStream);
  EXPECT_EQ(node(graph, evaluate, "rank").view, "");
}

TEST_F(Resolved, what_a_step_reaches_in_a_run_is_trained) {
  const ResolvedGraph graph = resolve("[stage.project_text]\ntrainable = false\n");
  EXPECT_TRUE(stage(graph, "audio").trainable);
  EXPECT_TRUE(stage(graph, "infonce").trainable);
  EXPECT_FALSE(stage(graph, "project_text").trainable);
  EXPECT_FALSE(stage(graph, "logmel").trainable);
  EXPECT_FALSE(stage(resolve("[[run]]\nflow = \"evaluate\"\n"), "audio").trainable);
}

TEST_F(Resolved, a_run_entry_has_its_flows_with_its_own_values) {
  const ResolvedGraph graph = resolve("");
  const ResolvedRun& run = graph.runs.at(0);
  ASSERT_EQ(run.flows.size(), 2U);
  EXPECT_EQ(run.flows[0].split, "train");
  EXPECT_TRUE(run.flows[0].shuffle);
  EXPECT_EQ(run.flows[0].budget_bytes, 268435456);
  const ResolvedValidation& validation = run.validate.at(0);
  EXPECT_EQ(run.flows[static_cast<std::size_t>(validation.resolved)].split, "validation");
  EXPECT_EQ(validation.every_share, 0.2);
  EXPECT_EQ(graph.flows[1].split, "test");
  EXPECT_EQ(graph.runs.at(1).best_count, 10);
}

TEST_F(Resolved, each_turn_of_repeat_is_a_graph_of_its_own) {
  const std::string repeat = "[repeat]\nover = { \"stage.corpus.fold\" = [1, 2], \"seed\" = [7, 8] }\n";
  ASSERT_EQ(resolve(repeat).repeats.size(), 4U);
  const ResolvedGraph third = resolve(repeat, {.turn = 2});
  EXPECT_EQ(stage(third, "corpus").options.at("fold"), (OptionValue{std::int64_t{2}}));
  EXPECT_EQ(third.seed, 7U);
}

TEST_F(Resolved, the_graph_in_dot_has_every_node_and_wire) {
  const ResolvedGraph graph = resolve("");
  const std::string dot = draw_dot(graph);
  const auto count = [&](const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = dot.find(what); at != std::string::npos; at = dot.find(what, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count(" -> "), graph.flows[0].edges.size() + graph.flows[1].edges.size());
  EXPECT_EQ(count("shape = "), graph.flows[0].nodes.size() + graph.flows[1].nodes.size());
  EXPECT_EQ(count("label = \"corpus.recordings\\nclips\""), 1U);
}

TEST_F(Resolved, files_are_relative_to_the_graph_that_names_them) {
  const ResolvedGraph graph = resolve("[stage.audio]\nweights = \"w.safetensors\"\n");
  const fs::path weights = std::get<std::string>(stage(graph, "audio").options.at("weights").content);
  EXPECT_EQ(weights.parent_path(), fs::path(testing::TempDir()).parent_path());
  const ResolvedGraph typed = resolve("", {.sets = {{"stage.audio.weights=w.safetensors", 1}}});
  EXPECT_EQ(stage(typed, "audio").options.at("weights"), (OptionValue{std::string("w.safetensors")}));
}

}  // namespace
}  // namespace earshot::graph
