// Toy graphs for the runtime's tests: stages on single numbers, wired without a graph file.
#pragma once

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "earshot/contract/plugin.h"
#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "earshot/pipeline/run/pass.h"
#include "lane.h"
#include "stage_set.h"

namespace earshot::run::toy {

class Number final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"number", "[]"};
  explicit Number(double number) : value(number) {}
  [[nodiscard]] const PayloadInfo& info() const noexcept override { return kInfo; }
  [[nodiscard]] std::int64_t bytes() const noexcept override { return 8; }
  [[nodiscard]] bool finite() const override { return std::isfinite(value); }
  [[nodiscard]] Result<Record> to_record() const override { return Error{ErrorCode::kUnsupported, "a toy"}; }
  double value;
};

struct CountOptions {
  std::int64_t count = 10;
  double value = 1;
};

struct NumbersOptions {
  std::int64_t count = 10;
  std::int64_t refused = -1;
};

// View "pairs": numbers 0 to count - 1 under the ids r0, r1...; view "words": three for each, related to it. Record
// `refused` cannot be read.
class Numbers final : public Source {
 public:
  static auto contract() {
    return Contract<NumbersOptions>("numbers", 1, "counts")
        .option(&NumbersOptions::count, "count", "records")
        .option(&NumbersOptions::refused, "refused", "record")
        .view("pairs")
        .output<Number>("number")
        .view("words")
        .output<Number>("word");
  }
  Numbers(const NumbersOptions& options, const Setup& /*setup*/) : options_(options) {}
  Result<std::unique_ptr<View>> open(std::string_view view, std::string_view /*split*/) const override {
    return std::unique_ptr<View>(std::make_unique<NumberView>(options_, view == "words" ? 3 : 1));
  }

 private:
  class NumberView final : public View {
   public:
    NumberView(const NumbersOptions& options, std::int64_t each) : options_(options), each_(each) {}
    std::int64_t size() const override { return options_.count * each_; }
    RecordHeader header(std::int64_t index) const override {
      const std::string related = "r" + std::to_string(index / each_);
      return {each_ == 1 ? related : related + "-" + std::to_string(index % each_), related, "set", related};
    }
    Result<Outputs> record(std::int64_t index) const override {
      if (index == options_.refused) return Error{ErrorCode::kCorruptInput, "cannot be read"};
      return Outputs{Number(static_cast<double>(index))};
    }

   private:
    NumbersOptions options_;
    std::int64_t each_;
  };
  NumbersOptions options_;
};

// Adds `value`; refuses numbers divisible by `count` when that is above zero.
class Add final : public Map {
 public:
  static auto contract() {
    return Contract<CountOptions>("add", 1, "adds")
        .option(&CountOptions::count, "count", "refused divisor")
        .option(&CountOptions::value, "value", "added")
        .input<Number>("in")
        .output<Number>("out");
  }
  Add(const CountOptions& options, const Setup& /*setup*/) : options_(options) {}
  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    const double number = inputs.get<Number>("in").value;
    if (options_.count > 0 && std::fmod(number, static_cast<double>(options_.count)) == 0)
      return Error{ErrorCode::kInvalidArgument, "refuses " + std::to_string(static_cast<int>(number))};
    return Outputs{Number(number + options_.value)};
  }

 private:
  CountOptions options_;
};

// Gives the step that it is told.
class Steps final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("steps", 1, "gives the step").input<Number>("in").output<Number>("out");
  }
  Steps(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<Outputs> process(const Inputs& /*inputs*/, Context& context) const override {
    return Outputs{Number(static_cast<double>(context.step))};
  }
};

// Waits until a second item has come in as well; fails where none does for ten seconds.
class Meet final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("meet", 1, "waits for another").input<Number>("in").output<Number>("out");
  }
  Meet(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    ++came_;
    for (int waited_ms = 0; came_ < 2 && waited_ms < 10'000; ++waited_ms)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (came_ < 2) return Error{ErrorCode::kInternal, "met nobody"};
    return Outputs{inputs.pointer("in")};
  }

 private:
  mutable std::atomic<int> came_{0};
};

// Adds its two inputs.
class Join final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("join", 1, "adds two").input<Number>("a").input<Number>("b").output<Number>("out");
  }
  Join(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    return Outputs{Number(inputs.get<Number>("a").value + inputs.get<Number>("b").value)};
  }
};

// One child for each of 0 to count - 1: parent + child / 1000.
class Split final : public Expand {
 public:
  static auto contract() {
    return Contract<CountOptions>("split", 1, "splits")
        .option(&CountOptions::count, "count", "children")
        .input<Number>("in")
        .output<Number>("out");
  }
  Split(const CountOptions& options, const Setup& /*setup*/) : count_(options.count) {}
  Result<std::vector<Child>> expand(const Inputs& inputs, Context& /*context*/) const override {
    std::vector<Child> children;
    const double number = inputs.get<Number>("in").value;
    for (std::int64_t i = 0; i < count_; ++i)
      children.push_back({"w" + std::to_string(i), Outputs{Number(number + static_cast<double>(i) / 1000)}});
    return children;
  }

 private:
  std::int64_t count_;
};

class Merge final : public Collapse {
 public:
  static auto contract() {
    return Contract<NoOptions>("merge", 1, "sums children").input<Number>("in").output<Number>("out");
  }
  Merge(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<Outputs> collapse(std::span<const Inputs> children, Context& /*context*/) const override {
    double sum = 0;
    for (const Inputs& child : children) sum += child.get<Number>("in").value;
    return Outputs{Number(sum)};
  }
};

// On the compute lane: subtracts the number of batches seen so far, so that order shows in the result.
class Lane final : public BatchMap {
 public:
  static auto contract() {
    return Contract<NoOptions>("lane", 1, "counts batches").compute_lane().input<Number>("in").output<Number>("out");
  }
  Lane(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Result<BatchOutputs> process(const BatchInputs& inputs, Context& /*context*/) override {
    BatchOutputs outputs;
    outputs.ports.resize(1);
    for (const Row& row : inputs.rows("in"))
      outputs.ports[0].push_back(
          {row.id, row.related, std::make_shared<Number>(static_cast<const Number&>(*row.payload).value - seen_)});
    ++seen_;
    return outputs;
  }

 private:
  double seen_ = 0;
};

// Lists what arrives: metrics named by id, in the order of arrival, from up to two streams.
class List final : public Collect {
 public:
  static auto contract() {
    return Contract<NoOptions>("list", 1, "lists").input<Number>("in").input<Number>("other", optional_input());
  }
  List(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  Status add(std::string_view port, Row row) override {
    report_.metrics.push_back({std::string(port) + ":" + row.id, static_cast<const Number&>(*row.payload).value});
    return {};
  }
  Result<Report> finish(Context& /*context*/) override { return std::exchange(report_, {}); }

 private:
  Report report_;
};

// A graph of one flow, built wire by wire.
class Graph {
 public:
  Graph() { flow.name = "toy"; }

  // Adds a stage and a node of it; `view` for sources.
  template <class T>
  int add(const std::string& name, OptionValues options = {}, const std::string& view = {}) {
    catalogue.add(*detail::plugin_entry<T>());
    graph::ResolvedStage stage;
    stage.name = name;
    stage.description = detail::finished_contract<T>().description();
    stage.plugin = stage.description.name;
    stage.options = std::move(options);
    graph.stages.push_back(std::move(stage));
    graph::ResolvedNode node{.stage = static_cast<int>(graph.stages.size()) - 1, .view = view};
    if (graph.stages.back().description.kind == StageKind::kBatchMap) node.level = graph::Level::kBatch;
    flow.nodes.push_back(node);
    return static_cast<int>(flow.nodes.size()) - 1;
  }
  void wire(int from, int to, int to_port = 0, int from_port = 0) {
    flow.edges.push_back({.from = from, .from_port = from_port, .to = to, .to_port = to_port});
  }
  void batched(int node) { flow.nodes[static_cast<std::size_t>(node)].level = graph::Level::kBatch; }
  void on_error(int node, graph::FailurePolicy policy, double share = 1.0) {
    graph.stages[static_cast<std::size_t>(node)].on_error = {policy, share, std::nullopt};
  }
  PassResult run(PassRequest request = {}) {
    ComputeLane lane;
    StageSet stages(graph, catalogue, lane, 1);
    std::vector<int> all(graph.stages.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    if (const Status built = stages.build(all); !built.ok()) return {.error = built.error()};
    const Result<FlowPlan> plan = plan_flow(graph, flow, stages, request.seed, request.epoch);
    if (!plan.ok()) return {.error = plan.error()};
    return run_pass(graph, flow, stages, lane, *plan, request);
  }

  graph::ResolvedGraph graph;
  graph::ResolvedFlow flow;
  plugins::Catalogue catalogue;
};

}  // namespace earshot::run::toy
