#include <set>

#include <gtest/gtest.h>

#include "batch_stage.h"
#include "earshot/audio/waveform.h"
#include "earshot/retrieval/mix.h"

namespace earshot {
namespace {

using testing::BatchStage;

Row sound(std::string id, std::vector<float> samples) {
  return {std::move(id), "clip", std::make_shared<const Waveform>(std::move(samples), 16000)};
}
std::vector<float> samples(const Row& row) {
  const std::span<const float> values = static_cast<const Waveform&>(*row.payload).samples();
  return {values.begin(), values.end()};
}
const Mix& mix(const Row& row) { return static_cast<const Mix&>(*row.payload); }

const testing::RowsByPort kTwo = {{"audio", {sound("a", {1, 1, 1}), sound("b", {0, 2})}}};

BatchOutputs mixed(const testing::RowsByPort& rows, const OptionValues& options = {}, std::uint64_t batch = 0) {
  return BatchStage(options).process(rows, /*training=*/true, batch).value();
}

testing::RowsByPort many(int count) {
  testing::RowsByPort rows;
  for (int i = 0; i < count; ++i) rows["audio"].push_back(sound("r" + std::to_string(i), {static_cast<float>(i)}));
  return rows;
}

TEST(Mixco, clean_rows_come_first_and_unchanged_and_mixtures_behind_them) {
  const BatchOutputs outputs = mixed(kTwo);
  ASSERT_EQ(outputs.ports[0].size(), 4U);
  EXPECT_EQ(outputs.ports[0][0].payload, kTwo.at("audio")[0].payload);
  EXPECT_EQ(outputs.ports[0][2].id, "a#mix");
  EXPECT_EQ(outputs.ports[1][1].id, "b#mix");
  EXPECT_EQ(outputs.ports[0][3].related, "clip");
}

TEST(Mixco, a_mixture_is_lambda_of_its_own_and_the_rest_of_its_partner_as_long_as_the_longer) {
  const BatchOutputs outputs = mixed(kTwo);
  const Mix& of_b = mix(outputs.ports[1][1]);
  EXPECT_EQ(of_b.own(), "b");
  EXPECT_EQ(of_b.partner(), "a");
  const auto own = static_cast<float>(of_b.lambda());
  const auto other = static_cast<float>(1 - of_b.lambda());
  const std::vector<float> expected = {other, own * 2 + other, other};
  EXPECT_EQ(samples(outputs.ports[0][3]), expected);
}

TEST(Mixco, nobody_is_his_own_partner_and_everybody_is_somebodys) {
  const BatchOutputs outputs = mixed(many(20));
  std::set<std::string> partners;
  for (const Row& row : outputs.ports[1]) {
    EXPECT_NE(mix(row).own(), mix(row).partner());
    partners.insert(mix(row).partner());
  }
  EXPECT_EQ(partners.size(), 20U);
}

TEST(Mixco, lambda_is_one_for_a_batch_only_where_that_was_asked_for) {
  const BatchOutputs each = mixed(many(3));
  EXPECT_NE(mix(each.ports[1][0]).lambda(), mix(each.ports[1][1]).lambda());
  const BatchOutputs batch = mixed(many(3), {{"per_batch", {true}}});
  EXPECT_EQ(mix(batch.ports[1][0]).lambda(), mix(batch.ports[1][2]).lambda());
}

TEST(Mixco, the_same_batch_is_mixed_in_the_same_way_and_another_in_another) {
  EXPECT_EQ(samples(mixed(kTwo).ports[0][2]), samples(mixed(kTwo).ports[0][2]));
  EXPECT_NE(samples(mixed(kTwo).ports[0][2]), samples(mixed(kTwo, {}, 1).ports[0][2]));
}

TEST(Mixco, outside_training_and_alone_nothing_is_mixed) {
  EXPECT_EQ(BatchStage().process(kTwo, /*training=*/false).value().ports[0].size(), 2U);
  const BatchOutputs alone = mixed({{"audio", {sound("a", {1})}}});
  EXPECT_EQ(alone.ports[0].size(), 1U);
  EXPECT_TRUE(alone.ports[1].empty());
}

}  // namespace
}  // namespace earshot
