#include "guard.h"

#include <gtest/gtest.h>

namespace earshot::graph {
namespace {

std::string refusal(std::string_view text) {
  const Refusal found = refuse(text);
  if (found.message.empty()) return {};
  return std::to_string(found.line) + ":" + std::to_string(found.column) + " " + found.message;
}

TEST(Guard, more_than_a_mebibyte_is_refused) {
  EXPECT_EQ(refusal(std::string(kMaxFileBytes, '#')), "");
  EXPECT_EQ(refusal(std::string(kMaxFileBytes + 1, '#')), "1:1 the file is larger than 1 MiB: a graph is not");
}

TEST(Guard, a_nul_byte_is_refused_where_it_is) {
  EXPECT_EQ(refusal(std::string_view("a = 1\nb\0 = 2\n", 13)), "2:2 a NUL byte: a graph is a text file");
}

TEST(Guard, three_brackets_abort_the_parser_and_never_reach_it) {
  EXPECT_EQ(refusal(" [[[a]]]\n"), "1:2 three brackets: TOML knows [table] and [[list of tables]]");
}

TEST(Guard, ten_thousand_dots_are_refused) {
  std::string dots = "a";
  for (int i = 0; i < 10000; ++i) dots += ".a";
  EXPECT_EQ(refusal("[" + dots + "]\n"), "1:1 the line has 10000 dots: at most 64 are read");
  EXPECT_EQ(refusal("# " + dots + "\n"), "");
}

TEST(Guard, texts_and_comments_may_hold_any_character) {
  for (const char* right :
       {"a = \"é\" # é", "\"é\" = 'é\\'", "a = \"\"\"é\n\\\" é\"\"\"\"\" # é", "a = '''\né'''", "a = \"\\\"é\""})
    EXPECT_EQ(refusal(right), "") << right;
}

TEST(Guard, elsewhere_a_character_that_is_not_ascii_never_reaches_the_parser) {
  EXPECT_EQ(refusal("b = 1\na = \"é\" é"), "2:9 not TOML: a character that is not ASCII stands in quotes");
  for (const char* wrong :
       {"é = 1", "a = é", "a = 'x'é", "a = \"x\né", "a = \"\"\"\\é\"\"\"", "a = \"\"\"\\ \n é\"\"\""})
    EXPECT_NE(refusal(wrong), "") << wrong;
}

}  // namespace
}  // namespace earshot::graph
