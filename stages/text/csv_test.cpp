#include "earshot/text/csv.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "earshot/text/csv_writer.h"

namespace earshot::text {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> read(std::string_view text) {
  CsvReader reader(text);
  Rows rows;
  std::vector<std::string> fields;
  for (;;) {
    const Result<bool> more = reader.next(fields);
    if (!more.ok()) return more.error();
    if (!*more) return rows;
    rows.push_back(fields);
  }
}

TEST(Csv, quoted_commas_quotes_and_line_ends_belong_to_the_field) {
  EXPECT_EQ(*read("a,\"b, \"\"c\"\"\",\"d\ne\"\nf\n"), (Rows{{"a", "b, \"c\"", "d\ne"}, {"f"}}));
}

TEST(Csv, lines_may_end_in_crlf_and_the_last_in_nothing) {
  EXPECT_EQ(*read("a,b\r\nc,\"d\"\r\ne,f"), (Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}}));
}

TEST(Csv, blanks_entities_and_empty_fields_are_kept) {
  EXPECT_EQ(*read(" a ,&#39;b;,,\n"), (Rows{{" a ", "&#39;b;", "", ""}}));
}

TEST(Csv, a_byte_order_mark_and_empty_lines_are_skipped) {
  EXPECT_EQ(*read("\xEF\xBB\xBF\n\na\n\r\nb\n"), (Rows{{"a"}, {"b"}}));
  EXPECT_TRUE(read("")->empty());
}

TEST(Csv, a_quote_inside_an_unquoted_field_is_an_ordinary_character) {
  EXPECT_EQ(*read("5\" pipe,x\"\n"), (Rows{{"5\" pipe", "x\""}}));
}

TEST(Csv, broken_quoting_is_an_error_that_names_the_line) {
  EXPECT_NE(read("a\nb,\"c\nd").error().message.find("line 2"), std::string::npos);
  EXPECT_EQ(read("\"a\"b\n").error().code, ErrorCode::kCorruptInput);
}

TEST(Csv, a_row_is_named_by_the_line_on_which_it_begins) {
  CsvReader reader("a\n\"b\nc\"\nd\n");
  std::vector<std::string> fields;
  for (const std::int64_t line : {1, 2, 4}) {
    ASSERT_TRUE(*reader.next(fields));
    EXPECT_EQ(reader.line(), line);
  }
}

TEST(Csv, a_written_row_reads_back_to_its_fields) {
  const std::vector<std::string> fields = {"Rain falls, then stops.", "5\" pipe", "a\nb", "", " plain "};
  EXPECT_EQ(csv_row(fields), "\"Rain falls, then stops.\",\"5\"\" pipe\",\"a\nb\",, plain \n");
  EXPECT_EQ(read(csv_row(fields)).value(), Rows{fields});
}

// Counts published with the data sets: 1,045 clips of five captions; 495 clips of five rows.
TEST(Csv, published_files_have_their_published_number_of_rows) {
  const char* given = std::getenv("EARSHOT_TEST_DATA");
  const std::filesystem::path data = given != nullptr ? given : "../shared/data";
  if (!std::filesystem::exists(data / "clotho")) GTEST_SKIP() << "no test data at " << data;
  const auto rows = [&](const char* name) {
    std::ifstream file(data / name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return read(text).value();
  };
  const Rows clotho = rows("clotho/clotho_captions_evaluation.csv");
  EXPECT_EQ(clotho.size(), 1046U);
  for (const auto& row : clotho) ASSERT_EQ(row.size(), 6U);
  const Rows audiocaps = rows("audiocaps/val.csv");
  EXPECT_EQ(audiocaps.size(), 2476U);
  for (const auto& row : audiocaps) ASSERT_EQ(row.size(), 4U);
}

}  // namespace
}  // namespace earshot::text
