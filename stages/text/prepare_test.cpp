// Expected sentences: Python 3.11, text.lower().translate(str.maketrans("", "", string.punctuation)) and text.split().
#include "earshot/text/prepare.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "earshot/text/csv.h"

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

// Counted on the published file by white space: 8 to 21 words a caption.
TEST(SplitWords, published_captions_have_their_published_number_of_words) {
  const char* given = std::getenv("EARSHOT_TEST_DATA");
  const std::filesystem::path data = given != nullptr ? given : "../shared/data";
  std::ifstream file(data / "clotho/clotho_captions_evaluation.csv", std::ios::binary);
  if (!file) GTEST_SKIP() << "no test data at " << data;
  const std::string csv{std::istreambuf_iterator<char>(file), {}};
  CsvReader reader(csv);
  std::vector<std::string> fields;
  std::vector<std::size_t> counts;
  ASSERT_TRUE(*reader.next(fields));
  while (*reader.next(fields))
    for (std::size_t caption = 1; caption < fields.size(); ++caption)
      counts.push_back(split_words(fields[caption]).size());
  EXPECT_EQ(counts.size(), 5225U);
  EXPECT_EQ(std::ranges::min(counts), 8U);
  EXPECT_EQ(std::ranges::max(counts), 21U);
}

TEST(FirstCodePoints, counts_letters_not_bytes) {
  EXPECT_EQ(first_code_points("ärger", 3), "ärg");
  EXPECT_EQ(first_code_points("ox", 3), "ox");
  EXPECT_EQ(first_code_points("ox", 0), "");
}

}  // namespace
}  // namespace earshot::text
