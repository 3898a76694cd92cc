#include "arguments.h"

#include <gtest/gtest.h>

#include "graph_input.h"
#include "run_options.h"

namespace earshot::tools {
namespace {

Result<Arguments> parse(const std::vector<std::string>& words) {
  boost::program_options::options_description options;
  declare_graph_options(options);
  declare_run_options(options);
  declare_json(options);
  return Arguments::parse(words, /*first_number=*/2, options);
}

TEST(Arguments, values_know_which_word_of_the_command_line_they_are) {
  const Arguments arguments = parse({"a.toml", "--set", "seed=2", "--json", "--set=title=x"}).value();
  const std::vector<Word> sets = arguments.all("set");
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].text, "seed=2");
  EXPECT_EQ(sets[0].number, 4);
  EXPECT_EQ(sets[1].text, "title=x");
  EXPECT_EQ(sets[1].number, 6);
  EXPECT_EQ(arguments.operands(), std::vector<std::string>{"a.toml"});
  EXPECT_TRUE(arguments.flag("json"));
}

TEST(Arguments, an_unknown_option_is_refused_with_the_nearest) {
  const Result<Arguments> arguments = parse({"--limmit", "3"});
  ASSERT_FALSE(arguments.ok());
  EXPECT_EQ(arguments.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(arguments.error().message.find("did you mean \"--limit\"?"), std::string::npos);
}

TEST(Arguments, an_abbreviated_option_is_not_guessed) { EXPECT_FALSE(parse({"--lim", "3"}).ok()); }

TEST(Arguments, a_number_that_is_none_is_refused) {
  EXPECT_FALSE(parse({"--limit", "many"}).ok());
  EXPECT_FALSE(parse({"--limit"}).ok());
}

TEST(Arguments, a_number_out_of_range_is_refused_with_the_range) {
  const Arguments arguments = parse({"--threads", "5000"}).value();
  const Result<std::int64_t> threads = arguments.number("threads", 0, 1024);
  ASSERT_FALSE(threads.ok());
  EXPECT_NE(threads.error().message.find("from 0 to 1024"), std::string::npos);
}

TEST(Arguments, what_stands_behind_two_dashes_is_an_operand) {
  EXPECT_EQ(parse({"--", "--json"}).value().operands(), std::vector<std::string>{"--json"});
}

}  // namespace
}  // namespace earshot::tools
