#include "earshot/contract/fact_record.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

TEST(FactRecord, fields_come_in_order_and_spaces_do_not_count) {
  EXPECT_EQ(*fact_fields(" hop=320  mean=-4.5 "), (Fields{{"hop", "320"}, {"mean", "-4.5"}}));
  EXPECT_TRUE(fact_fields("")->empty());
  EXPECT_EQ(*fact_fields("path= a=b=c"), (Fields{{"path", ""}, {"a", "b=c"}}));
}

TEST(FactRecord, a_part_without_a_value_is_refused) {
  EXPECT_EQ(fact_fields("hop=320 mean").error().message, "'mean' is not of the form name=value");
}

TEST(FactRecord, a_name_given_twice_is_refused) {
  EXPECT_EQ(fact_fields("hop=320 hop=320").error().message, "hop is given twice");
}

TEST(FactRecord, the_place_of_files_named_by_content_decides_no_value) {
  EXPECT_EQ(fact_identity("content=ab family=byte_pair path=/a unk=3"), "content=ab family=byte_pair unk=3");
  EXPECT_EQ(fact_identity("family=byte_pair path=/a"), "family=byte_pair path=/a");
  EXPECT_EQ(fact_identity("32000"), "32000");
}

}  // namespace
}  // namespace earshot
