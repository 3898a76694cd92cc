// Batch maps, steps and collects: whole batches or streams, one thread.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "subject.h"

namespace earshot::conformance {
namespace {

constexpr std::array kBatchMap = {StageKind::kBatchMap};
constexpr std::array kCollect = {StageKind::kCollect};
constexpr std::array kStep = {StageKind::kStep};

// The rows of every input of a stage, kept alive for a call.
struct Batch {
  std::vector<std::string> names;
  std::vector<std::vector<Row>> rows;
  [[nodiscard]] BatchInputs inputs() const { return {names, rows}; }
};

// Four rows; the first is of `shape`, the others are usual. Optional inputs are not wired.
Batch make_batch(const Subject& subject, Shape shape) {
  Batch batch;
  for (const PortDescription& port : subject.description().inputs) {
    batch.names.push_back(port.name);
    std::vector<Row>& rows = batch.rows.emplace_back();
    for (std::uint64_t i = 0; i < 4 && !port.optional; ++i) {
      const std::string id = "item" + std::to_string(i);
      rows.push_back({id, id, subject.payload(port, i == 0 ? shape : Shape::kUsual, 10 + i)});
      EXPECT_NE(rows.back().payload, nullptr) << "the suite makes no " << port.kind;
    }
  }
  return batch;
}

std::string bits_of(const Result<BatchOutputs>& outputs) {
  if (!outputs.ok()) return bits(outputs.error());
  std::string text;
  for (const std::vector<Row>& rows : outputs->ports) text += bits(rows) + "--\n";
  for (const auto& [id, error] : outputs->failed_rows) text += id + " " + bits(error) + "\n";
  return text;
}

class BatchMapStage : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Result<BatchOutputs> call(Stage& stage, Shape shape, bool training) const {
    const Batch batch = make_batch(subject_, shape);
    Context context = subject_.context(0, training);
    return dynamic_cast<BatchMap&>(stage).process(batch.inputs(), context);
  }
  // Rows of the right kinds at every output.
  void expect_as_declared(const BatchOutputs& outputs, Shape shape) const {
    const std::vector<PortDescription>& ports = subject_.description().outputs;
    ASSERT_EQ(outputs.ports.size(), ports.size()) << to_string(shape);
    for (std::size_t port = 0; port < ports.size(); ++port)
      for (const Row& row : outputs.ports[port]) {
        ASSERT_NE(row.payload, nullptr) << to_string(shape);
        EXPECT_EQ(row.payload->info().kind, ports[port].kind) << to_string(shape);
      }
  }
  const Subject subject_{GetParam()};
};

TEST_P(BatchMapStage, an_ordinary_batch_gives_what_is_declared) {
  for (const bool trainable : {false, true}) {
    const auto stage = subject_.start(trainable);
    const Result<BatchOutputs> outputs = call(*stage, Shape::kUsual, trainable);
    ASSERT_TRUE(outputs.ok()) << outputs.error().message;
    expect_as_declared(*outputs, Shape::kUsual);
    EXPECT_TRUE(outputs->failed_rows.empty());
    EXPECT_FALSE(outputs->ports[0].empty());
    for (const std::vector<Row>& rows : outputs->ports)
      for (const Row& row : rows) EXPECT_TRUE(row.payload->finite()) << row.id;
  }
}

TEST_P(BatchMapStage, a_hostile_row_ends_in_a_value) {
  const auto stage = subject_.start();
  for (const Shape shape : kHostile)
    for (const bool training : {false, true}) {
      const Result<BatchOutputs> outputs = call(*stage, shape, training);
      EXPECT_TRUE(outputs.ok() || outputs.error().message.size() > 10) << to_string(shape);
      if (outputs.ok()) expect_as_declared(*outputs, shape);
    }
}

TEST_P(BatchMapStage, another_instance_gives_the_same_bits) {
  for (const bool trainable : {false, true}) {
    const auto first = subject_.start(trainable);
    const auto second = subject_.start(trainable);
    for (int batch = 0; batch < 2; ++batch)
      EXPECT_EQ(bits_of(call(*first, Shape::kUsual, trainable)), bits_of(call(*second, Shape::kUsual, trainable)));
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, BatchMapStage, ::testing::ValuesIn(plugins_of(kBatchMap)),
                         [](const auto& named) { return named.param; });

class CollectStage : public ::testing::TestWithParam<std::string> {
 protected:
  // One pass over four rows an input, the first of them of `shape`: every figure and file of the report, or the error.
  [[nodiscard]] std::string pass(Stage& stage, Shape shape) const {
    auto& collect = dynamic_cast<Collect&>(stage);
    const Batch batch = make_batch(subject_, shape);
    std::string refused;
    for (std::size_t port = 0; port < batch.names.size(); ++port)
      for (const Row& row : batch.rows[port])
        if (const Status added = collect.add(batch.names[port], row); !added.ok())
          refused += bits(added.error()) + "\n";
    return refused + finish(collect);
  }
  [[nodiscard]] std::string finish(Collect& collect) const {
    Context context = subject_.context(0, /*training=*/false);
    const Result<Report> report = collect.finish(context);
    if (!report.ok()) return bits(report.error());
    std::string text = "report\n";
    for (const Metric& metric : report->metrics) text += metric.name + " " + to_text({metric.value}) + "\n";
    for (const Artefact& file : report->files) text += file.name + " " + std::to_string(file.bytes.size()) + "\n";
    for (const std::string& note : report->notes) text += note + "\n";
    return text;
  }
  const Subject subject_{GetParam()};
};

TEST_P(CollectStage, an_ordinary_pass_ends_in_a_report) {
  const auto stage = subject_.start();
  EXPECT_EQ(pass(*stage, Shape::kUsual).substr(0, 7), "report\n");
}

TEST_P(CollectStage, it_is_empty_again_after_a_pass_and_gives_the_same_bits) {
  const auto first = subject_.start();
  const auto second = subject_.start();
  const std::string once = pass(*first, Shape::kUsual);
  EXPECT_EQ(pass(*first, Shape::kUsual), once);
  EXPECT_EQ(pass(*second, Shape::kUsual), once);
}

TEST_P(CollectStage, hostile_and_empty_streams_end_in_a_value) {
  const auto stage = subject_.start();
  for (const Shape shape : kHostile) EXPECT_GT(pass(*stage, shape).size(), 10U) << to_string(shape);
  EXPECT_GT(finish(dynamic_cast<Collect&>(*stage)).size(), 6U);
}

INSTANTIATE_TEST_SUITE_P(Plugins, CollectStage, ::testing::ValuesIn(plugins_of(kCollect)),
                         [](const auto& named) { return named.param; });

// A step's input comes out of whichever plugin offers what the step wants and makes that kind: a loss.
class StepStage : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int kSteps = 3;

  [[nodiscard]] static std::string upstream_of(const PluginDescription& step) {
    for (const std::string& name : catalogue().names()) {
      const PluginDescription& other = *catalogue().find(name);
      if (other.offers == step.wants && !other.outputs.empty() && other.outputs[0].kind == step.inputs[0].kind)
        return name;
    }
    return {};
  }

  // Metrics of each step, and then what the upstream stage saves; empty where something failed.
  [[nodiscard]] static std::string train(const Subject& subject) {
    const Subject before(upstream_of(subject.description()));
    const auto upstream = before.start(/*trainable=*/true);
    const auto stage = subject.start();
    auto& step = dynamic_cast<Step&>(*stage);
    const Connection connection{before.description().name, upstream->capability(subject.description().wants)};
    EXPECT_TRUE(step.connect({&connection, 1}).ok());
    std::string text;
    for (int i = 0; i < kSteps; ++i) {
      Context context = subject.context(static_cast<std::uint64_t>(i), /*training=*/true);
      context.step = i;
      const Batch batch = make_batch(before, Shape::kUsual);
      const Result<BatchOutputs> made = dynamic_cast<BatchMap&>(*upstream).process(batch.inputs(), context);
      EXPECT_TRUE(made.ok()) << made.error().message;
      const Batch losses{{subject.description().inputs[0].name}, {made->ports.at(0)}};
      const Result<std::vector<Metric>> metrics = step.step(losses.inputs(), context);
      EXPECT_TRUE(metrics.ok()) << metrics.error().message;
      for (const Metric& metric : *metrics) text += metric.name + " " + to_text({metric.value}) + "\n";
    }
    return text;
  }
};

TEST_P(StepStage, the_same_steps_give_the_same_bits) {
  const Subject subject(GetParam());
  const std::string once = train(subject);
  EXPECT_NE(once.find("loss"), std::string::npos) << once;
  EXPECT_EQ(train(subject), once);
}

// Without LibTorch there is no step.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StepStage);
INSTANTIATE_TEST_SUITE_P(Plugins, StepStage, ::testing::ValuesIn(plugins_of(kStep)),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace earshot::conformance
