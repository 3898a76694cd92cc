#include "table.h"

#include <gtest/gtest.h>

namespace earshot::tools {
namespace {

TEST(Table, columns_are_aligned_by_characters_and_not_by_bytes) {
  Table table({Align::kLeft, Align::kRight});
  table.add({"Käuzchen", "7"});
  table.add({"owl", "12"});
  EXPECT_EQ(table.text(2), "  Käuzchen   7\n  owl       12\n");
}

TEST(Table, a_column_without_content_takes_no_room) {
  Table table({Align::kLeft, Align::kLeft, Align::kLeft});
  table.add({"a", "", "b"});
  EXPECT_EQ(table.text(), "a  b\n");
}

TEST(Table, counts_have_commas_between_thousands) {
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(412003), "412,003");
  EXPECT_EQ(count_text(-1000), "-1,000");
}

TEST(Table, bytes_come_in_the_unit_that_fits) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(101.0 * (1U << 30U)), "101 GiB");
}

}  // namespace
}  // namespace earshot::tools
