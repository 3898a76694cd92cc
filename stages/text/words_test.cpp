#include "earshot/text/words.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "earshot/text/sentence_tokeniser.h"

namespace earshot::text {
namespace {

using Ids = std::vector<std::int32_t>;

const Tokeniser kWholeWords{.prefix = 0};

Ids ids(std::string_view text, const Tokeniser& tokeniser = kWholeWords) {
  return SentenceTokeniser::open(tokeniser).value()(text).value();
}

TEST(Words, a_sentence_stands_between_start_and_end) {
  const Ids rain = ids("rain on a roof");
  ASSERT_EQ(rain.size(), 6U);
  EXPECT_EQ(rain.front(), 0);
  EXPECT_EQ(rain.back(), 2);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_FALSE(kWholeWords.is_special(rain[i]));
}

TEST(Words, case_punctuation_and_blanks_do_not_matter) {
  EXPECT_EQ(ids("An OWL, then  a fire truck."), ids("an owl then a fire truck"));
  EXPECT_NE(ids("an owl"), ids("a owl"));
}

TEST(Words, an_empty_sentence_is_start_and_end) {
  EXPECT_EQ(ids(""), (Ids{0, 2}));
  EXPECT_EQ(ids(" ... "), (Ids{0, 2}));
}

TEST(Words, a_long_sentence_is_cut_and_keeps_its_end) {
  std::string text;
  for (int word = 0; word < 1000; ++word) text += "w" + std::to_string(word) + " ";
  for (const std::int32_t prefix : {0, 3}) {
    const Ids cut = ids(text, {.max_tokens = 10, .prefix = prefix});
    EXPECT_EQ(cut.size(), 10U);
    EXPECT_EQ(cut.back(), 2);
  }
}

TEST(Words, plurals_share_the_token_of_their_beginning) {
  const Ids dog = ids("dog", {.prefix = 3});
  const Ids dogs = ids("dogs", {.prefix = 3});
  ASSERT_EQ(dog.size(), 4U);
  EXPECT_NE(dog[1], dogs[1]);
  EXPECT_EQ(dog[2], dogs[2]);
  EXPECT_NE(dog[1], dog[2]);
}

// 2,000 words into 8,187 buckets: 2000 - 8187 (1 - exp(-2000 / 8187)) = 226 collisions expected, deviation about 14.
TEST(Words, ids_spread_over_the_whole_vocabulary) {
  std::set<std::int32_t> seen;
  for (int word = 0; word < 2000; ++word) seen.insert(ids("word" + std::to_string(word))[1]);
  EXPECT_NEAR(static_cast<double>(seen.size()), 2000 - 226, 70);
  EXPECT_GE(*seen.begin(), 5);
  EXPECT_LT(*seen.rbegin(), 8192);
}

TEST(Words, the_smallest_vocabulary_has_room_for_every_word) {
  for (const char* word : {"rain", "owl", "train", "x"}) {
    const std::int32_t id = ids(word, {.prefix = 0, .vocabulary = 8})[1];
    EXPECT_GE(id, 5);
    EXPECT_LT(id, 8);
  }
}

TEST(Words, absent_specials_leave_the_words_alone) {
  EXPECT_EQ(ids("rain", {.end = -1, .prefix = 0, .start = -1}).size(), 1U);
}

TEST(Words, bytes_that_are_no_utf8_are_an_error) {
  EXPECT_EQ(SentenceTokeniser::open(kWholeWords).value()("a \xFF").error().code, ErrorCode::kCorruptInput);
}

}  // namespace
}  // namespace earshot::text
