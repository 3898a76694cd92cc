#include "parse.h"

#include <gtest/gtest.h>

namespace earshot::graph {
namespace {

class Parse : public testing::Test {
 protected:
  std::optional<Table> parse(const std::string& text) {
    sources_.add_file("g.toml", text);
    return parse_file("g.toml", text, findings_);
  }
  std::string message() {
    const std::vector<Diagnostic> all = findings_.sorted();
    return all.empty() ? "" : place(all.front().span.origin) + " " + all.front().message;
  }

  Sources sources_;
  Findings findings_{sources_};
};

TEST_F(Parse, every_value_and_key_knows_its_place_in_code_points) {
  const std::optional<Table> tree = parse("\"ü\" = 1\n[stage.a]\n\"é\" = \"x\" # c\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(place(tree->find("ü")->where.origin), "g.toml:1:7");
  const Value& value = *tree->find("stage")->table()->find("a")->table()->find("é");
  EXPECT_EQ(place(value.key.origin), "g.toml:3:1");
  EXPECT_EQ(place(value.where.origin), "g.toml:3:7");
  EXPECT_EQ(value.where.length, 3);
}

TEST_F(Parse, keys_keep_the_order_in_which_they_were_written) {
  const std::optional<Table> tree = parse("z = 1\nb = 2\na = 3\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->names(), (std::vector<std::string>{"z", "b", "a"}));
}

TEST_F(Parse, a_part_of_a_text_is_found_in_its_line) {
  const std::optional<Table> tree = parse("a = 'é -> b'\nb = \"\"\"\nfirst\n second\"\"\"\nc = \"a\\tb\"\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(place(part_of(*tree->find("a"), 6, 7).origin), "g.toml:1:11");
  EXPECT_EQ(place(part_of(*tree->find("b"), 7, 13).origin), "g.toml:4:2");
  EXPECT_EQ(place(part_of(*tree->find("c"), 2, 3).origin), "g.toml:5:5");  // escapes: the whole text
}

TEST_F(Parse, lists_within_lists_end_at_sixteen) {
  EXPECT_TRUE(parse("a = " + std::string(15, '[') + std::string(15, ']') + "\n"));
  EXPECT_FALSE(parse("a = " + std::string(10000, '[') + "\n"));
}

TEST_F(Parse, text_that_is_no_utf8_is_refused) {
  EXPECT_FALSE(parse("a = \"\xff\xfe\"\n"));
  EXPECT_NE(message(), "");
}

TEST_F(Parse, a_byte_order_mark_and_windows_line_ends_change_nothing) {
  const std::optional<Table> tree = parse(
      "\xEF\xBB\xBF"
      "a = 1\r\n[b]\r\nc = 2\r\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(place(tree->find("a")->where.origin), "g.toml:1:5");
  EXPECT_EQ(place(tree->find("b")->table()->find("c")->where.origin), "g.toml:3:5");
}

TEST(ParseValue, what_is_no_toml_is_a_text) {
  const Origin start{kArgument, 3, 10};
  EXPECT_EQ(to_toml(parse_value("1e-5", start)), "1e-05");
  EXPECT_EQ(to_toml(parse_value("[1, 2]", start)), "[1, 2]");
  EXPECT_EQ(to_toml(parse_value("beats", start)), "\"beats\"");
  EXPECT_EQ(to_toml(parse_value("1\nb = 2", start)), "\"1\\nb = 2\"");
  EXPECT_EQ(to_toml(parse_value("1979-05-27", start)), "\"1979-05-27\"");
  EXPECT_EQ(place(parse_value("[1, 2]", start).array()->back().where.origin), "argument 3:14");
}

}  // namespace
}  // namespace earshot::graph
