// Expected sentences: Python 3.11, text.lower().translate(str.maketrans("", "", string.punctuation)) and text.split().
#include "earshot/text/prepare.h"

#include <gtest/gtest.h>

namespace earshot::text {
namespace {

using Words = std::vector<std::string_view>;

std::string plain(std::string_view text) { return prepare(text, Preparation::kPlain).value(); }

TEST(Prepare, plain_is_lower_case_without_ascii_punctuation) {
  EXPECT_EQ(plain("Rain taps on a thin roof."), "rain taps on a thin roof");
  EXPECT_EQ(plain("Birds' songs, then (loud) CARS!"), "birds songs then loud cars");
  EXPECT_EQ(plain("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), "");
}

TEST(Prepare, letters_beyond_ascii_are_lowered_and_their_punctuation_stays) {
  EXPECT_EQ(plain("ÄRGER: it’s Ωhm-like"), "ärger it’s ωhmlike");
}

TEST(Prepare, raw_changes_nothing) { EXPECT_EQ(prepare("A Dog, barks!", Preparation::kRaw).value(), "A Dog, barks!"); }

TEST(Prepare, bytes_that_are_no_utf8_are_an_error_that_names_the_first) {
  for (const Preparation preparation : {Preparation::kPlain, Preparation::kRaw}) {
    const Result<std::string> prepared = prepare("caf\xE9 noise", preparation);  // Latin-1
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, ErrorCode::kCorruptInput);
    EXPECT_NE(prepared.error().message.find("byte 3 of 10"), std::string::npos);
  }
}

TEST(Prepare, truncated_overlong_and_surrogate_sequences_are_refused) {
  for (const char* bytes : {"a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"})
    EXPECT_FALSE(prepare(bytes, Preparation::kRaw));
}

TEST(SplitWords, cuts_at_white_space_of_any_kind) {
  EXPECT_EQ(split_words("  a\u00A0b\u3000 c\td\n"), (Words{"a", "b", "c", "d"}));
  EXPECT_TRUE(split_words("").empty());
  EXPECT_TRUE(split_words(" \t ").empty());
}

TEST(FirstCodePoints, counts_letters_not_bytes) {
  EXPECT_EQ(first_code_points("ärger", 3), "ärg");
  EXPECT_EQ(first_code_points("ox", 3), "ox");
  EXPECT_EQ(first_code_points("ox", 0), "");
}

}  // namespace
}  // namespace earshot::text
