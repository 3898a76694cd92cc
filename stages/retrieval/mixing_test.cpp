#include "earshot/retrieval/mixing.h"

#include <set>

#include <gtest/gtest.h>

#include "earshot/contract/random.h"

namespace earshot::retrieval {
namespace {

std::vector<double> draws(std::size_t count, std::uint64_t seed) {
  Random random(seed, 0, "test");
  std::vector<double> uniforms(count);
  for (double& uniform : uniforms) uniform = random.uniform();
  return uniforms;
}

// Swaps by hand: last = 2 with floor(0.6 * 2) = 1 gives 0 2 1; last = 1 with 0 gives 2 0 1.
TEST(RandomPartners, three_items_worked_by_hand) {
  EXPECT_EQ(random_partners(std::vector<double>{0.9, 0.3, 0.6}), (std::vector<std::size_t>{2, 0, 1}));
}

TEST(RandomPartners, everybody_is_a_partner_once_and_nobody_its_own) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<std::size_t> partners = random_partners(draws(2 + seed % 17, seed));
    EXPECT_EQ(std::set<std::size_t>(partners.begin(), partners.end()).size(), partners.size());
    for (std::size_t item = 0; item < partners.size(); ++item) EXPECT_NE(partners[item], item);
  }
}

TEST(RandomPartners, each_other_item_is_equally_likely) {
  std::vector<int> count_of_first(4, 0);
  for (std::uint64_t seed = 0; seed < 3000; ++seed) ++count_of_first[random_partners(draws(4, seed))[0]];
  for (std::size_t partner = 1; partner < 4; ++partner) EXPECT_NEAR(count_of_first[partner], 1000, 130);  // 5 sigma
}

TEST(RandomPartners, one_item_can_only_be_its_own) {
  EXPECT_EQ(random_partners(std::vector<double>{0.5}), std::vector<std::size_t>{0});
  EXPECT_TRUE(random_partners({}).empty());
}

TEST(MixingWeights, are_the_draws_or_the_first_for_all) {
  const std::vector<double> uniforms = {0.25, 0.5, 0.75};
  EXPECT_EQ(mixing_weights(uniforms, false), uniforms);
  EXPECT_EQ(mixing_weights(uniforms, true), (std::vector<double>{0.25, 0.25, 0.25}));
}

}  // namespace
}  // namespace earshot::retrieval
