// Maps, expands and collapses: const, called item by item from any thread.
#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "subject.h"

namespace earshot::conformance {
namespace {

constexpr std::array kItemKinds = {StageKind::kMap, StageKind::kExpand, StageKind::kCollapse};

// The payloads of one item, or of one child.
struct Item {
  std::vector<std::string> names;
  std::vector<PayloadPtr> payloads;
  [[nodiscard]] Inputs inputs() const { return {names, payloads}; }
};

class ItemStage : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] Item item(Shape shape, std::uint64_t seed) const {
    Item item;
    for (const PortDescription& port : subject_.description().inputs) {
      item.names.push_back(port.name);
      item.payloads.push_back(subject_.payload(port, shape, seed));
      EXPECT_NE(item.payloads.back(), nullptr) << "the suite makes no " << port.kind;
    }
    return item;
  }

  // What one call gives: the item's outputs, or those of its children.
  [[nodiscard]] Result<std::vector<Outputs>> call(const Stage& stage, Shape shape, std::uint64_t seed,
                                                  bool training) const {
    Context context = subject_.context(seed, training);
    std::vector<Outputs> all;
    if (subject_.description().kind == StageKind::kExpand) {
      Result<std::vector<Child>> children =
          dynamic_cast<const Expand&>(stage).expand(item(shape, seed).inputs(), context);
      if (!children.ok()) return children.error();
      for (Child& child : *children) all.push_back(std::move(child.outputs));
      return all;
    }
    Result<Outputs> outputs = Outputs();
    if (subject_.description().kind == StageKind::kMap) {
      outputs = dynamic_cast<const Map&>(stage).process(item(shape, seed).inputs(), context);
    } else {
      const std::array children = {item(shape, seed), item(shape, seed + 1000)};
      const std::array inputs = {children[0].inputs(), children[1].inputs()};
      outputs = dynamic_cast<const Collapse&>(stage).collapse(inputs, context);
    }
    if (!outputs.ok()) return outputs.error();
    all.push_back(std::move(outputs).value());
    return all;
  }

  [[nodiscard]] std::string bits_of(const Stage& stage, Shape shape, std::uint64_t seed, bool training) const {
    const Result<std::vector<Outputs>> all = call(stage, shape, seed, training);
    if (!all.ok()) return bits(all.error());
    std::string text;
    for (const Outputs& outputs : *all)
      for (std::size_t i = 0; i < outputs.size(); ++i) text += bits(*outputs[i]) + "\n";
    return text;
  }

  const Subject subject_{GetParam()};
};

TEST_P(ItemStage, an_ordinary_item_gives_what_is_declared) {
  const auto stage = subject_.start();
  for (const bool training : {false, true}) {
    const Result<std::vector<Outputs>> all = call(*stage, Shape::kUsual, 1, training);
    ASSERT_TRUE(all.ok()) << all.error().message;
    ASSERT_FALSE(all->empty());
    for (const Outputs& outputs : *all) {
      ASSERT_EQ(breach(outputs, subject_.description().outputs), "");
      for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_TRUE(outputs[i]->finite());
    }
  }
}

TEST_P(ItemStage, outputs_come_back_from_their_records_to_the_bit) {
  const auto stage = subject_.start();
  const std::vector<PayloadReader>& readers = subject_.readers();
  const Result<std::vector<Outputs>> all = call(*stage, Shape::kUsual, 1, /*training=*/false);
  ASSERT_TRUE(all.ok()) << all.error().message;
  for (const Outputs& outputs : *all)
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (readers.at(i).from_record == nullptr) continue;
      const Result<PayloadPtr> back = readers.at(i).from_record(outputs[i]->to_record().value());
      ASSERT_TRUE(back.ok()) << back.error().message;
      EXPECT_EQ(bits(**back), bits(*outputs[i]));
    }
}

TEST_P(ItemStage, hostile_items_end_in_a_value) {
  const auto stage = subject_.start();
  for (const Shape shape : kHostile)
    for (const bool training : {false, true}) {
      const Result<std::vector<Outputs>> all = call(*stage, shape, 1, training);
      EXPECT_TRUE(all.ok() || all.error().message.size() > 10) << to_string(shape);
      if (!all.ok()) continue;
      for (const Outputs& outputs : *all)
        EXPECT_EQ(breach(outputs, subject_.description().outputs), "") << to_string(shape);
    }
}

TEST_P(ItemStage, another_instance_gives_the_same_bits) {
  const auto first = subject_.start();
  const auto second = subject_.start();
  for (const Shape shape : {Shape::kUsual, Shape::kOne, Shape::kUnsound})
    for (const bool training : {false, true})
      for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL})
        EXPECT_EQ(bits_of(*first, shape, seed, training), bits_of(*second, shape, seed, training)) << to_string(shape);
}

TEST_P(ItemStage, four_threads_at_once_give_the_bits_of_one) {
  constexpr std::size_t kItems = 24;
  const auto alone = subject_.start();
  const auto shared = subject_.start();
  std::array<std::array<std::string, kItems>, 4> seen;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen)
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < kItems; ++i) mine.at(i) = bits_of(*shared, Shape::kUsual, i, /*training=*/true);
      });
  }
  for (std::size_t i = 0; i < kItems; ++i)
    for (const auto& mine : seen) EXPECT_EQ(mine.at(i), bits_of(*alone, Shape::kUsual, i, /*training=*/true)) << i;
}

INSTANTIATE_TEST_SUITE_P(Plugins, ItemStage, ::testing::ValuesIn(plugins_of(kItemKinds)),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace earshot::conformance
