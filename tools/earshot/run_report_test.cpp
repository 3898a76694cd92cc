#include "run_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace earshot::tools {
namespace {

run::RunSummary summary() {
  run::FlowResult result{.flow = "evaluate", .split = "test", .stage = "rank"};
  result.report.metrics = {{"map@10", 0.8231, 0.793, 0.851, 0.0098}, {"loss", 1.5}};
  result.report.notes = {"300 texts against 300 recordings"};
  return {.end = run::RunEnd::kDone,
          .items = {.admitted = 412, .done = 410, .skipped = 0, .quarantined = 2},
          .results = {result},
          .notes = {"recordings known, mixtures new"},
          .seconds_by_stage = {{"audio", 71.0}, {"decode", 29.0}},
          .seconds = 252};
}

TEST(RunReport, shows_figures_with_intervals_and_chance_and_ends_with_the_items) {
  EXPECT_EQ(report_text(summary(), "runs/b"),
            "evaluate (test): 300 texts against 300 recordings\n"
            "  map@10  0.823  [0.793, 0.851]  chance 0.010\n"
            "  loss    1.500\n"
            "recordings known, mixtures new\n"
            "time: 4 min 12 s; of the stages' time audio 71 %, decode 29 %\n"
            "items: 412 admitted = 410 done + 0 skipped + 2 quarantined (runs/b/items.jsonl)\n");
}

TEST(RunReport, says_how_many_cores_worked_on_average) {
  run::RunSummary busy = summary();
  busy.processor_seconds = 1.75 * 252;
  EXPECT_NE(report_text(busy, "runs/b").find("time: 4 min 12 s on 1.8 of "), std::string::npos);
  busy.lane_seconds = 0.5 * 252;
  EXPECT_NE(report_text(busy, "runs/b").find(" cores, the compute lane busy 50 %; of"), std::string::npos);
}

TEST(RunReport, names_no_file_when_every_item_was_done) {
  run::RunSummary all_done = summary();
  all_done.items = {.admitted = 5, .done = 5};
  EXPECT_TRUE(report_text(all_done, "runs/b").ends_with("\nitems: 5 admitted = 5 done + 0 skipped + 0 quarantined\n"));
}

TEST(RunReport, a_stopped_run_says_how_to_go_on) {
  run::RunSummary stopped = summary();
  stopped.end = run::RunEnd::kStopped;
  EXPECT_NE(report_text(stopped, "runs/b").find("--out runs/b --resume"), std::string::npos);
}

TEST(RunReport, json_holds_the_same_figures) {
  const auto json = nlohmann::json::parse(report_json(summary(), "runs/b"));
  EXPECT_EQ(json.at("end"), "done");
  EXPECT_EQ(json.at("results").at(0).at("metrics").at(0).at("name"), "map@10");
  EXPECT_EQ(json.at("results").at(0).at("metrics").at(0).at("low"), 0.793);
  EXPECT_FALSE(json.at("results").at(0).at("metrics").at(1).contains("chance"));
  EXPECT_EQ(json.at("items").at("quarantined"), 2);
}

}  // namespace
}  // namespace earshot::tools
