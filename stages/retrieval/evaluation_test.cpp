#include "earshot/retrieval/evaluation.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace earshot::retrieval {
namespace {

struct NamedRow {
  const char* id;
  const char* related;
  std::vector<float> embedding;
};

UnitRows rows(const std::vector<NamedRow>& named) {
  UnitRows result;
  for (const NamedRow& row : named) EXPECT_TRUE(result.add(row.id, row.related, row.embedding));
  return result;
}

// Three recordings along the axes; their captions point the right way but for the last of recording b.
UnitRows recordings() { return rows({{"a", "a", {2, 0, 0}}, {"b", "b", {0, 3, 0}}, {"c", "c", {0, 0, 1}}}); }
UnitRows captions() {
  return rows({{"a#0", "a", {5, 1, 0}}, {"b#0", "b", {0, 1, 0.5F}}, {"b#1", "b", {3, 2, 1}}, {"c#0", "c", {0, 1, 4}}});
}

TEST(UnitRows, rows_are_scaled_to_length_one_and_zero_stays_zero) {
  const UnitRows result = rows({{"a", "a", {3, 4}}, {"z", "z", {0, 0}}});
  EXPECT_EQ(result.row(0)[0], 0.6F);
  EXPECT_EQ(result.row(0)[1], 0.8F);
  EXPECT_EQ(result.row(1)[0], 0.0F);
}

TEST(UnitRows, cosines_are_those_of_the_definition) {
  std::vector<float> a(37);
  std::vector<float> b(37);
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = std::sin(static_cast<double>(i));
    const double y = std::cos(2.0 * static_cast<double>(i) + 1);
    a[i] = static_cast<float>(x);
    b[i] = static_cast<float>(y);
    product += x * y;
    square_a += x * x;
    square_b += y * y;
  }
  const UnitRows both = rows({{"a", "", a}, {"b", "", b}});
  EXPECT_NEAR(cosines(both.row(0), both)[1], product / std::sqrt(square_a * square_b), 1e-6);
  EXPECT_NEAR(cosines(both.row(0), both)[0], 1, 1e-6);
}

TEST(UnitRows, what_is_no_embedding_of_this_space_is_refused) {
  UnitRows result = rows({{"a", "a", {1, 2}}});
  EXPECT_EQ(result.add("b", "b", std::vector<float>{1}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(result.add("b", "b", {}).error().code, ErrorCode::kInvalidArgument);
  const std::vector<float> broken = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(result.add("b", "b", broken).error().code, ErrorCode::kNonFinite);
  EXPECT_EQ(result.size(), 1U);
}

// Cosines of b#1 = (3, 2, 1): a before b before c, so its recording is at rank 2; the other three are at rank 1.
// R@1 = 3/4; mAP@10 = (1 + 1 + 1/2 + 1) / 4.
TEST(Evaluation, four_captions_of_three_recordings_worked_by_hand) {
  const UnitRows queries = captions();
  const auto ranked = rank_all(queries, recordings(), 10).value();
  EXPECT_EQ(ranked[2].relevant.ranks, std::vector<std::size_t>{2});
  EXPECT_EQ(ranked[2].best, (std::vector<std::size_t>{0, 1, 2}));
  const auto figures = retrieval_figures(ranked, queries, 3, 10, {}).value();
  ASSERT_EQ(figures.size(), 4U);
  EXPECT_EQ(figures[0].name, "map@10");
  EXPECT_DOUBLE_EQ(figures[0].interval.mean, 0.875);
  EXPECT_NEAR(figures[0].chance, (1 + 0.5 + 1.0 / 3) / 3, 1e-12);
  EXPECT_EQ(figures[1].name, "recall@1");
  EXPECT_DOUBLE_EQ(figures[1].interval.mean, 0.75);
  EXPECT_DOUBLE_EQ(figures[2].interval.mean, 1);
}

TEST(Evaluation, a_query_whose_recording_is_not_there_is_left_out_of_the_figures) {
  UnitRows queries = captions();
  ASSERT_TRUE(queries.add("lost", "lost", std::vector<float>{1, 1, 1}));
  const auto ranked = rank_all(queries, recordings(), 2).value();
  EXPECT_TRUE(ranked[4].relevant.ranks.empty());
  EXPECT_EQ(ranked[4].best.size(), 2U);
  EXPECT_DOUBLE_EQ(retrieval_figures(ranked, queries, 3, 10, {}).value()[0].interval.mean, 0.875);
}

TEST(Evaluation, several_relevant_items_share_a_query) {
  const UnitRows gallery = rows({{"1", "dog", {1, 0}}, {"2", "cat", {0.9F, 0.1F}}, {"3", "dog", {0, 1}}});
  const UnitRows query = rows({{"q", "dog", {1, 0}}});
  const auto ranked = rank_all(query, gallery, 3).value();
  EXPECT_EQ(ranked[0].relevant.ranks, (std::vector<std::size_t>{1, 3}));
  EXPECT_DOUBLE_EQ(retrieval_figures(ranked, query, 3, 10, {}).value()[0].interval.mean, (1 + 2.0 / 3) / 2);
}

TEST(Evaluation, accuracy_asks_whether_the_nearest_sentence_is_of_the_class) {
  const UnitRows sentences = rows({{"dog", "dog", {1, 0}}, {"cat", "cat", {0, 1}}});
  const UnitRows clips = rows({{"1", "dog", {2, 1}}, {"2", "dog", {1, 2}}, {"3", "cat", {0, 1}}, {"4", "cat", {1, 3}}});
  const Figure accuracy = accuracy_figure(rank_all(clips, sentences, 1).value(), 2, {}).value();
  EXPECT_EQ(accuracy.name, "accuracy");
  EXPECT_DOUBLE_EQ(accuracy.interval.mean, 0.75);
  EXPECT_DOUBLE_EQ(accuracy.chance, 0.5);
}

TEST(Evaluation, what_cannot_be_evaluated_is_refused) {
  EXPECT_FALSE(rank_all(UnitRows{}, recordings(), 10));
  EXPECT_FALSE(rank_all(recordings(), UnitRows{}, 10));
  EXPECT_FALSE(rank_all(rows({{"q", "a", {1, 2}}}), recordings(), 10));
  const UnitRows strangers = rows({{"q", "x", {1, 2, 3}}});
  const auto ranked = rank_all(strangers, recordings(), 10).value();
  EXPECT_FALSE(retrieval_figures(ranked, strangers, 3, 10, {}));
  EXPECT_FALSE(accuracy_figure(ranked, 3, {}));
}

}  // namespace
}  // namespace earshot::retrieval
