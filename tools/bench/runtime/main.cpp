// What the runtime itself costs: eight stages that pass a payload on, as a hand-written loop, as bare oneTBB nodes and
// as an earshot flow, one after another in one process, several rounds. Prints nanoseconds an item, medians.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <tbb/flow_graph.h>

#include "toy_graph.h"

namespace {

using namespace earshot;
using run::toy::Number;

constexpr int kStages = 8;
constexpr int kRounds = 7;

// Passes its payload on.
class Pass final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("pass", 1, "passes on").input<Number>("in").output<Number>("out");
  }
  Pass(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    return Outputs{inputs.pointer("in")};
  }
};

double seconds_of(const auto& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// The same payloads through eight virtual calls, on one thread.
void loop(const std::vector<std::unique_ptr<Map>>& stages, std::int64_t items) {
  const std::vector<std::string> names = {"in"};
  for (std::int64_t i = 0; i < items; ++i) {
    std::vector<PayloadPtr> payload = {std::make_shared<const Number>(static_cast<double>(i))};
    Context context;
    for (const auto& stage : stages) {
      Result<Outputs> outputs = stage->process(Inputs(names, payload), context);
      payload[0] = std::move((*outputs)[0]);
    }
  }
}

// Eight bare function nodes that pass a shared pointer on.
void bare(std::int64_t items) {
  using Node = tbb::flow::function_node<PayloadPtr, PayloadPtr>;
  tbb::flow::graph graph;
  std::vector<std::unique_ptr<Node>> nodes;
  for (int stage = 0; stage < kStages; ++stage) {
    nodes.push_back(std::make_unique<Node>(graph, tbb::flow::unlimited, [](PayloadPtr payload) { return payload; }));
    if (stage > 0) tbb::flow::make_edge(*nodes[static_cast<std::size_t>(stage) - 1], *nodes.back());
  }
  for (std::int64_t i = 0; i < items; ++i)
    nodes.front()->try_put(std::make_shared<const Number>(static_cast<double>(i)));
  graph.wait_for_all();
}

class Flow : public run::toy::Graph {
 public:
  explicit Flow(std::int64_t items) {
    flow.batch = 64;
    flow.budget_items = 1024;
    int before = add<run::toy::Numbers>("numbers", {{"count", {items}}}, "pairs");
    for (int stage = 0; stage < kStages; ++stage) {
      const int node = add<Pass>("pass" + std::to_string(stage));
      wire(before, node);
      before = node;
    }
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int count, char** words) {
  const std::int64_t items = count > 1 ? std::atoll(words[1]) : 200'000;
  const int threads = count > 2 ? std::atoi(words[2]) : 2;
  std::vector<std::unique_ptr<Map>> stages;
  for (int stage = 0; stage < kStages; ++stage) stages.push_back(std::make_unique<Pass>(NoOptions{}, Setup{}));
  Flow flow(items);
  std::vector<double> loops;
  std::vector<double> bares;
  std::vector<double> flows;
  for (int round = 0; round < kRounds; ++round) {
    loops.push_back(seconds_of([&] { loop(stages, items); }));
    bares.push_back(seconds_of([&] { bare(items); }));
    flows.push_back(seconds_of([&] {
      run::PassRequest request;
      request.threads = threads;
      if (flow.run(request).items.done != items) std::fputs("items were lost\n", stderr);
    }));
  }
  const auto nanoseconds = [&](const std::vector<double>& values) {
    return median(values) * 1e9 / static_cast<double>(items);
  };
  std::printf("%d stages, %lld items, %d threads, median of %d rounds\n", kStages, static_cast<long long>(items),
              threads, kRounds);
  std::printf("hand-written loop  %8.0f ns an item\n", nanoseconds(loops));
  std::printf("bare oneTBB        %8.0f ns an item\n", nanoseconds(bares));
  std::printf("earshot            %8.0f ns an item, %+.0f to bare oneTBB, %+.0f to the loop\n", nanoseconds(flows),
              nanoseconds(flows) - nanoseconds(bares), nanoseconds(flows) - nanoseconds(loops));
  return 0;
}
