#include "earshot/pipeline/run/pass.h"

#include <gtest/gtest.h>

#include "toy_graph.h"

namespace earshot::run {
namespace {

using toy::Graph;

OptionValues count(std::int64_t value) { return {{"count", {value}}}; }

std::vector<double> values(const PassResult& result) {
  std::vector<double> out;
  for (const Metric& metric : result.reports.at(0).report.metrics) out.push_back(metric.value);
  return out;
}

// numbers -> add -> add -> list
struct Chain : Graph {
  explicit Chain(std::int64_t records) {
    source = add<toy::Numbers>("numbers", count(records), "pairs");
    first = add<toy::Add>("first", count(0));
    second = add<toy::Add>("second", count(0));
    list = add<toy::List>("list");
    wire(source, first);
    wire(first, second);
    wire(second, list);
  }
  int source, first, second, list;
};

// numbers -> split -> lane (batches of children) -> merge -> list
struct Windows : Graph {
  explicit Windows(std::int64_t records) {
    flow.batch = 4;
    source = add<toy::Numbers>("numbers", count(records), "pairs");
    split = add<toy::Split>("split", count(3));
    check = add<toy::Add>("check", {{"count", {std::int64_t{0}}}, {"value", {0.0}}});
    lane = add<toy::Lane>("lane");
    merge = add<toy::Merge>("merge");
    list = add<toy::List>("list");
    wire(source, split);
    wire(split, check);
    wire(check, lane);
    wire(lane, merge);
    wire(merge, list);
  }
  int source, split, check, lane, merge, list;
};

TEST(Pass, every_item_goes_through_every_stage_and_arrives_in_order) {
  const PassResult result = Chain(100).run({.threads = 4});
  ASSERT_FALSE(result.error.has_value()) << result.error->message;
  EXPECT_EQ(result.items.text(), "100 admitted = 100 done + 0 skipped + 0 quarantined");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(values(result)[static_cast<std::size_t>(i)], i + 2);
}

TEST(Pass, two_items_are_in_one_stage_at_once_also_behind_another_map) {
  Graph graph;
  const int source = graph.add<toy::Numbers>("numbers", count(2), "pairs");
  const int first = graph.add<toy::Add>("first", count(0));
  const int meet = graph.add<toy::Meet>("meet");
  graph.wire(source, first);
  graph.wire(first, meet);
  graph.wire(meet, graph.add<toy::List>("list"));
  EXPECT_FALSE(graph.run({.threads = 2}).error.has_value());
}

TEST(Pass, a_failing_item_is_quarantined_with_its_reason_and_the_others_arrive) {
  Chain chain(20);
  chain.graph.stages[static_cast<std::size_t>(chain.first)].options = count(5);
  chain.on_error(chain.first, graph::FailurePolicy::kQuarantine);
  const PassResult result = chain.run({.threads = 4});
  ASSERT_FALSE(result.error.has_value());
  EXPECT_EQ(result.items.text(), "20 admitted = 16 done + 0 skipped + 4 quarantined");
  EXPECT_EQ(result.lost.at(1).id, "r5");
  EXPECT_EQ(result.lost.at(1).failure.error.message, "refuses 5");
  EXPECT_EQ(values(result).size(), 16U);
}

TEST(Pass, by_default_the_first_failure_ends_the_pass_and_names_stage_and_item) {
  Chain chain(1000);
  chain.graph.stages[static_cast<std::size_t>(chain.second)].options = count(501);
  const PassResult result = chain.run({.threads = 2});
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->message, "stage 'second', item 'r500': refuses 501");
  EXPECT_EQ(result.error->code, ErrorCode::kCorruptInput);  // of the item, not of the graph: exit code 1
  EXPECT_TRUE(result.items.holds());
}

TEST(Pass, a_record_that_its_source_cannot_read_ends_the_pass_and_is_named) {
  Chain chain(1000);
  chain.graph.stages[static_cast<std::size_t>(chain.source)].options = {{"count", {std::int64_t{1000}}},
                                                                        {"refused", {std::int64_t{7}}}};
  const PassResult result = chain.run({.threads = 2});
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->message, "stage 'numbers', item 'r7': cannot be read");
  EXPECT_TRUE(result.items.holds());
  EXPECT_EQ(result.lost.at(0).id, "r7");
}

TEST(Pass, more_failures_than_the_budget_end_the_pass) {
  Chain chain(1000);
  chain.graph.stages[static_cast<std::size_t>(chain.first)].options = count(10);
  chain.on_error(chain.first, graph::FailurePolicy::kSkip, 0.05);
  const PassResult result = chain.run({.threads = 2});
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->message, "stage 'first': more than 50 of 1000 items failed, which is its on_error budget");
}

TEST(Pass, a_number_that_is_not_finite_names_the_first_stage_that_made_it) {
  Chain chain(5);
  chain.graph.stages[static_cast<std::size_t>(chain.first)].options = {
      {"count", {std::int64_t{0}}}, {"value", {std::numeric_limits<double>::quiet_NaN()}}};
  const PassResult result = chain.run({.threads = 2});
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->code, ErrorCode::kNonFinite);
  EXPECT_EQ(result.error->message, "stage 'first', item 'r0': port 'out' holds NaN or infinity");
}

TEST(Pass, two_branches_of_one_item_meet_in_one_join) {
  Graph graph;
  const int source = graph.add<toy::Numbers>("numbers", count(200), "pairs");
  const int left = graph.add<toy::Add>("left", count(0));
  const int right = graph.add<toy::Add>("right", count(0));
  const int join = graph.add<toy::Join>("join");
  const int list = graph.add<toy::List>("list");
  graph.wire(source, left);
  graph.wire(source, right);
  graph.wire(left, join, 0);
  graph.wire(right, join, 1);
  graph.wire(join, list);
  const PassResult result = graph.run({.threads = 4});
  EXPECT_EQ(result.items.done, 200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(values(result)[static_cast<std::size_t>(i)], 2 * i + 2);
}

TEST(Pass, of_two_failures_of_one_item_the_earlier_stage_counts_whatever_the_order) {
  Graph graph;
  const int source = graph.add<toy::Numbers>("numbers", count(50), "pairs");
  const int left = graph.add<toy::Add>("left", count(1));
  const int right = graph.add<toy::Add>("right", count(1));
  const int join = graph.add<toy::Join>("join");
  for (const int node : {left, right}) graph.on_error(node, graph::FailurePolicy::kSkip);
  graph.wire(source, left);
  graph.wire(source, right);
  graph.wire(left, join, 0);
  graph.wire(right, join, 1);
  const PassResult result = graph.run({.threads = 4});
  EXPECT_EQ(result.items.skipped, 50);
  for (const LostItem& item : result.lost) EXPECT_EQ(item.failure.stage, "left");
}

TEST(Pass, the_compute_lane_sees_batches_in_order_with_any_number_of_threads) {
  for (const int threads : {1, 2, 8}) {
    Graph graph;
    graph.flow.batch = 10;
    const int source = graph.add<toy::Numbers>("numbers", count(95), "pairs");
    const int before = graph.add<toy::Add>("before", count(0));
    const int lane = graph.add<toy::Lane>("lane");
    const int list = graph.add<toy::List>("list");
    graph.wire(source, before);
    graph.wire(before, lane);
    graph.wire(lane, list);
    const std::vector<double> seen = values(graph.run({.threads = threads}));
    ASSERT_EQ(seen.size(), 95U);
    for (int i = 0; i < 95; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1 - i / 10) << threads;
  }
}

TEST(Pass, streams_of_different_length_meet_in_one_collect) {
  Graph graph;
  graph.flow.batch = 4;
  const int records = graph.add<toy::Numbers>("numbers", count(7), "pairs");
  const int words = graph.add<toy::Numbers>("again", count(7), "words");
  const int list = graph.add<toy::List>("list");
  graph.wire(records, list, 0, 0);
  graph.wire(words, list, 1, 1);
  const PassResult result = graph.run({.threads = 2});
  EXPECT_EQ(result.items.done, 7 + 21);
  EXPECT_EQ(values(result).size(), 28U);
}

TEST(Pass, children_are_batched_in_order_and_return_to_their_parent) {
  const PassResult result = Windows(5).run({.threads = 4});
  ASSERT_FALSE(result.error.has_value()) << result.error->message;
  EXPECT_EQ(result.items.text(), "5 admitted = 5 done + 0 skipped + 0 quarantined");
  // 15 children in batches of 4; each batch subtracts its number: record 1 has children 3, 4, 5 in batches 0, 1, 1.
  EXPECT_DOUBLE_EQ(values(result).at(1), 3 * 1 + 0.003 - 2);
  EXPECT_DOUBLE_EQ(values(result).at(4), 3 * 4 + 0.003 - (3 + 3 + 3));
}

TEST(Pass, what_children_return_goes_on_through_maps) {
  Windows windows(5);
  const int behind = windows.add<toy::Add>("behind", count(0));
  const int last = windows.add<toy::List>("last");
  windows.wire(windows.merge, behind);
  windows.wire(behind, last);
  const PassResult result = windows.run({.threads = 4});
  ASSERT_FALSE(result.error.has_value()) << result.error->message;
  EXPECT_EQ(result.items.text(), "5 admitted = 5 done + 0 skipped + 0 quarantined");
}

TEST(Pass, a_record_with_a_dead_child_ends_as_that_child_says) {
  Windows windows(6);
  windows.graph.stages[static_cast<std::size_t>(windows.check)].options = {{"count", {std::int64_t{2}}},
                                                                           {"value", {0.0}}};
  windows.on_error(windows.check, graph::FailurePolicy::kQuarantine);
  const PassResult result = windows.run({.threads = 4});
  ASSERT_FALSE(result.error.has_value()) << result.error->message;
  EXPECT_EQ(result.items.text(), "6 admitted = 3 done + 0 skipped + 3 quarantined");  // 0, 2, 4: their first child
  EXPECT_EQ(values(result).size(), 3U);
}

TEST(Pass, a_stop_drains_what_was_admitted_and_loses_nothing) {
  Chain chain(100000);
  chain.flow.batch = 10;
  std::atomic<int> asked{0};
  const PassResult result = chain.run({.threads = 2, .stop = [&] { return ++asked > 500; }});
  EXPECT_TRUE(result.stopped);
  EXPECT_TRUE(result.items.holds());
  EXPECT_EQ(result.items.done, result.batches * 10);
  EXPECT_LT(result.items.done, 100000);
}

TEST(Pass, a_tap_sees_every_row_of_its_port) {
  Chain chain(30);
  std::mutex mutex;
  std::set<std::int64_t> seen;
  PassRequest request{.threads = 4};
  request.taps.push_back({chain.first, 0, [&](std::int64_t sequence, const Row& row) {
                            const std::scoped_lock lock(mutex);
                            EXPECT_EQ(static_cast<const toy::Number&>(*row.payload).value, sequence + 1);
                            seen.insert(sequence);
                          }});
  static_cast<void>(chain.run(request));
  EXPECT_EQ(seen.size(), 30U);
}

TEST(Pass, a_map_is_told_the_step_that_its_item_will_be_part_of) {
  Graph graph;
  graph.flow.batch = 4;
  const int source = graph.add<toy::Numbers>("numbers", count(10), "pairs");
  const int steps = graph.add<toy::Steps>("steps");
  const int list = graph.add<toy::List>("list");
  graph.wire(source, steps);
  graph.wire(steps, list);
  const PassResult result = graph.run({.first_step = 100, .threads = 4});
  EXPECT_EQ(values(result), (std::vector<double>{100, 100, 100, 100, 101, 101, 101, 101, 102, 102}));
}

TEST(Pass, a_budget_of_one_batch_is_enough) {
  Windows windows(40);
  windows.flow.budget_items = 4;
  const PassResult result = windows.run({.threads = 4});
  EXPECT_EQ(result.items.done, 40);
}

}  // namespace
}  // namespace earshot::run
