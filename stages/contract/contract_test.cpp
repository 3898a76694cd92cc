#include "earshot/contract/contract.h"

#include <cstring>

#include <gtest/gtest.h>

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"
#include "earshot/contract/random.h"

namespace earshot {
namespace {

struct Options {
  double level_db = 3.0;
  std::optional<std::int64_t> size;
  std::vector<std::string> names = {"a"};
};

class Scale final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("scale", 1, "multiplies")
        .option(&Options::level_db, "level_db", unit("dB"), range(-60, 60), "added to the level")
        .option(&Options::size, "size", "rows")
        .option(&Options::names, "names", "labels")
        .input<PlainEmbedding>("in")
        .output<PlainEmbedding>("out", same_facts_as("in"));
  }
  Scale(const Options& given, const Setup& /*setup*/) : options(given) {}
  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    return Outputs{inputs.pointer("in")};
  }
  const Options options;
};

TEST(Contract, the_declaration_becomes_a_description) {
  const PluginDescription description = detail::finished_contract<Scale>().description();
  EXPECT_EQ(description.kind, StageKind::kMap);
  ASSERT_EQ(description.options.size(), 3U);
  EXPECT_EQ(to_text(description.options[0].default_value), "3.0");
  EXPECT_EQ(description.options[0].unit, "dB");
  EXPECT_TRUE(description.options[1].may_be_auto);
  EXPECT_EQ(to_text(description.options[2].default_value), "[\"a\"]");
  EXPECT_EQ(description.outputs[0].facts[0].kind, FactRuleKind::kSameAs);
  EXPECT_EQ(description.outputs[0].facts[0].text, "dim");
}

TEST(Contract, values_given_reach_the_members_and_others_keep_their_default) {
  const OptionValues values = {{"size", {std::int64_t{7}}}};
  const Result<std::unique_ptr<Stage>> made = detail::create_stage<Scale>(values, earshot::Setup{});
  ASSERT_TRUE(made.ok());
  const auto& stage = static_cast<const Scale&>(**made);
  EXPECT_EQ(stage.options.size, 7);
  EXPECT_EQ(stage.options.level_db, 3.0);
}

// Known answers of Philox4x32-10, from the kat_vectors file of the authors' Random123 library.
TEST(Random, philox_gives_the_published_known_answers) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, a_stream_is_a_function_of_seed_stream_and_name) {
  Random first(1, 2, "start");
  Random again(1, 2, "start");
  Random other(1, 2, "gain");
  const double value = first.uniform();
  EXPECT_EQ(value, again.uniform());
  EXPECT_NE(value, other.uniform());
}

TEST(Random, many_draws_at_once_are_the_same_draws) {
  Random one_by_one(1, 2, "d");
  Random at_once(1, 2, "d");
  for (const std::size_t count : {1U, 0U, 2U, 3U, 64U, 500U, 63U, 65U, 4U}) {
    std::vector<std::uint32_t> drawn(count);
    at_once.fill(drawn);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(drawn[i], one_by_one.bits32()) << i << " of " << count;
  }
}

TEST(Random, many_uniform_draws_at_once_are_the_same_draws) {
  Random one_by_one(1, 2, "d");
  Random at_once(1, 2, "d");
  std::vector<float> drawn(2500);
  at_once.uniform(-3, 4, drawn);
  for (const float value : drawn) ASSERT_EQ(value, static_cast<float>(one_by_one.uniform(-3, 4)));
}

TEST(Random, uniform_and_normal_have_their_moments) {
  Random random(5, 0, "moments");
  double uniform = 0;
  double normal = 0;
  double square = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    uniform += random.uniform();
    const double z = random.normal();
    normal += z;
    square += z * z;
  }
  EXPECT_NEAR(uniform / kCount, 0.5, 0.005);  // 5 standard errors
  EXPECT_NEAR(normal / kCount, 0.0, 0.016);
  EXPECT_NEAR(square / kCount, 1.0, 0.023);
}

TEST(Random, below_stays_below_and_reaches_every_value) {
  Random random(5, 0, "below");
  std::array<int, 3> seen{};
  for (int i = 0; i < 300; ++i) ++seen.at(static_cast<std::size_t>(random.below(3)));
  EXPECT_GT(seen[0], 60);
  EXPECT_GT(seen[1], 60);
  EXPECT_GT(seen[2], 60);
  EXPECT_EQ(random.below(0), 0);
}

}  // namespace
}  // namespace earshot
