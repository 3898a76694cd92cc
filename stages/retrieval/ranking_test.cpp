#include "earshot/retrieval/ranking.h"

#include <limits>

#include <gtest/gtest.h>

#include "earshot/contract/random.h"

namespace earshot::retrieval {
namespace {

using Ranks = std::vector<std::size_t>;

RelevantRanks rank(const std::vector<float>& scores, const Ranks& relevant) {
  return rank_relevant(scores, relevant).value();
}

// Mean of `figure` over 20,000 random orders of `gallery` items, the first `relevant` of them relevant.
template <class Figure>
double mean_over_random_orders(std::size_t gallery, std::size_t relevant, const Figure& figure) {
  constexpr int kOrders = 20000;
  Ranks wanted(relevant);
  for (std::size_t i = 0; i < relevant; ++i) wanted[i] = i;
  std::vector<float> scores(gallery);
  Random random(1, 0, "orders");
  double sum = 0;
  for (int order = 0; order < kOrders; ++order) {
    for (float& score : scores) score = static_cast<float>(random.uniform());
    sum += figure(rank(scores, wanted).ranks);
  }
  return sum / kOrders;
}

TEST(Ranking, rank_counts_better_items) {
  EXPECT_EQ(rank({0.1F, 0.9F, 0.5F}, {2}).ranks, Ranks{2});
  EXPECT_EQ(rank({0.1F, 0.9F, 0.5F}, {0, 1}).ranks, (Ranks{1, 3}));
}

TEST(Ranking, equal_scores_are_in_gallery_order) {
  EXPECT_EQ(rank({0.5F, 0.5F, 0.5F}, {2}).ranks, Ranks{3});
  EXPECT_EQ(rank({0.5F, 0.5F, 0.5F}, {0}).ranks, Ranks{1});
  EXPECT_EQ(best_items(std::vector<float>{0.5F, 0.7F, 0.5F, 0.7F}, 3), (Ranks{1, 3, 0}));
}

TEST(Ranking, ties_with_irrelevant_items_are_told) {
  EXPECT_TRUE(rank({0.5F, 0.5F, 0.1F}, {1}).tied);
  EXPECT_FALSE(rank({0.5F, 0.5F, 0.1F}, {0, 1}).tied);
  EXPECT_FALSE(rank({0.5F, 0.4F, 0.4F}, {0}).tied);
}

TEST(Ranking, expected_rank_is_the_middle_of_the_tie) {
  EXPECT_EQ(rank({0.9F, 0.5F, 0.5F, 0.5F}, {3}).expected_rank, 3.0);
  EXPECT_EQ(rank({0.9F, 0.5F, 0.4F, 0.3F}, {1}).expected_rank, 2.0);
}

TEST(Ranking, a_model_that_says_the_same_of_all_is_not_rewarded) {
  const std::vector<float> collapsed(100, 0.25F);
  EXPECT_EQ(rank(collapsed, {99}).ranks, Ranks{100});
  EXPECT_EQ(rank(collapsed, {99}).expected_rank, 50.5);
}

TEST(Ranking, asking_for_more_than_there_is_gives_all) {
  EXPECT_EQ(best_items(std::vector<float>{1, 3, 2}, 10), (Ranks{1, 2, 0}));
}

TEST(Ranking, what_cannot_be_ranked_is_refused) {
  const std::vector<float> scores = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(rank_relevant(scores, Ranks{0}).error().code, ErrorCode::kNonFinite);
  EXPECT_EQ(rank_relevant(scores, Ranks{2}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(rank_relevant(scores, {}).error().code, ErrorCode::kInvalidArgument);
}

// Ranks 1, 4, 40 of 3 relevant, k = 16: (1/1 + 2/4) / 3 = 0.5. Rank 3 alone, k = 10: 1/3. Rank 11 alone: 0.
TEST(AveragePrecision, worked_examples) {
  EXPECT_DOUBLE_EQ(average_precision_at(Ranks{1, 4, 40}, 16), 0.5);
  EXPECT_DOUBLE_EQ(average_precision_at(Ranks{3}, 10), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(average_precision_at(Ranks{11}, 10), 0);
}

// DCASE 2025 task 6: 12 relevant clips, the first ten found in order: 10/12, not 10/10.
TEST(AveragePrecision, is_divided_by_all_relevant_items) {
  EXPECT_DOUBLE_EQ(average_precision_at(Ranks{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 10), 10.0 / 12.0);
}

TEST(Recall, is_the_share_of_relevant_items_found) {
  EXPECT_EQ(recall_at(Ranks{5}, 5), 1);
  EXPECT_EQ(recall_at(Ranks{6}, 5), 0);
  EXPECT_EQ(recall_at(Ranks{1, 2, 7, 30}, 10), 0.75);
}

// 300 clips, one relevant: R@1 1/300, mAP@10 (1 + 1/2 + ... + 1/10) / 300 = 2.928968 / 300.
TEST(Chance, of_one_relevant_clip_among_300) {
  EXPECT_NEAR(chance_recall_at(300, 1), 0.003333, 1e-6);
  EXPECT_NEAR(chance_average_precision_at(300, 1, 10), 2.928968 / 300, 1e-8);
}

TEST(Chance, is_what_random_orders_reach) {
  const auto precision = [](const Ranks& ranks) { return average_precision_at(ranks, 5); };
  const auto recall = [](const Ranks& ranks) { return recall_at(ranks, 5); };
  EXPECT_NEAR(mean_over_random_orders(20, 3, precision), chance_average_precision_at(20, 3, 5), 0.005);
  EXPECT_NEAR(mean_over_random_orders(20, 3, recall), chance_recall_at(20, 5), 0.007);
}

TEST(Chance, of_a_gallery_of_one_is_certainty) {
  EXPECT_EQ(chance_recall_at(1, 10), 1);
  EXPECT_EQ(chance_average_precision_at(1, 1, 10), 1);
}

}  // namespace
}  // namespace earshot::retrieval
