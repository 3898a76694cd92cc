#include "earshot/text/tokeniser.h"

#include <gtest/gtest.h>

namespace earshot::text {
namespace {

std::string refusal_of(std::string_view text) {
  const Result<Tokeniser> parsed = Tokeniser::parse(text);
  return parsed ? "" : parsed.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Tokeniser, text_names_everything_in_alphabetical_order) {
  EXPECT_EQ(Tokeniser{}.to_text(),
            "end=2 family=words mask=4 max_tokens=64 pad=1 prefix=3 preparation=plain start=0 unk=3 vocabulary=8192");
}

// RoBERTa's ids: start 0, pad 1, end 2, unk 3, mask 50264 of 50265.
TEST(Tokeniser, text_reads_back_to_the_same_record) {
  Tokeniser roberta{.family = "byte_pair", .mask = 50264, .max_tokens = 32, .prefix = 0, .vocabulary = 50265};
  roberta.preparation = Preparation::kRaw;
  EXPECT_EQ(Tokeniser::parse(roberta.to_text()).value(), roberta);
}

TEST(Tokeniser, names_may_be_left_out_and_stand_in_any_order) {
  const Tokeniser parsed = Tokeniser::parse("vocabulary=512  max_tokens=16").value();
  EXPECT_EQ(parsed, (Tokeniser{.max_tokens = 16, .vocabulary = 512}));
  EXPECT_EQ(Tokeniser::parse("").value(), Tokeniser{});
}

TEST(Tokeniser, what_does_not_fit_is_named) {
  EXPECT_TRUE(contains(refusal_of("colour=red"), "'colour'"));
  EXPECT_TRUE(contains(refusal_of("vocabulary"), "name=value"));
  EXPECT_TRUE(contains(refusal_of("pad=x"), "pad is 'x', expected a whole number"));
  EXPECT_TRUE(contains(refusal_of("pad=1 pad=1"), "twice"));
  EXPECT_TRUE(contains(refusal_of("preparation=loud"), "plain or raw"));
  EXPECT_TRUE(contains(refusal_of("family=By-Te"), "lower-case"));
}

TEST(Tokeniser, numbers_outside_their_range_are_refused) {
  EXPECT_TRUE(contains(refusal_of("vocabulary=99999999999"), "whole number"));
  EXPECT_TRUE(contains(refusal_of("vocabulary=16777217"), "expected 8 to 16777216"));
  EXPECT_TRUE(contains(refusal_of("max_tokens=1"), "expected 2 to 65536"));
  EXPECT_TRUE(contains(refusal_of("mask=8192"), "expected -1 to 8191"));
  EXPECT_TRUE(contains(refusal_of("mask=0"), "same id"));
  EXPECT_TRUE(contains(refusal_of("mask=8191"), "none to words"));
}

TEST(Tokeniser, special_are_the_five_ids_that_there_are) {
  const Tokeniser tokeniser{.mask = 4, .unk = -1};
  for (const std::int32_t id : {0, 1, 2, 4}) EXPECT_TRUE(tokeniser.is_special(id)) << id;
  for (const std::int32_t id : {-1, 3, 5}) EXPECT_FALSE(tokeniser.is_special(id)) << id;
  EXPECT_EQ(tokeniser.first_ordinary(), 5);
}

TEST(Tokeniser, several_specials_may_be_absent) { EXPECT_EQ(refusal_of("start=-1 unk=-1 mask=-1"), ""); }

}  // namespace
}  // namespace earshot::text
