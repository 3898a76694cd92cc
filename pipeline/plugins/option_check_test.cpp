#include "earshot/pipeline/plugins/option_check.h"

#include <limits>

#include <gtest/gtest.h>

namespace earshot::plugins {
namespace {

const OptionDescription kLevel = {.name = "level", .type = OptionType::kDouble, .unit = "dB", .min = -60, .max = 60};
const OptionDescription kCount = {.name = "count", .type = OptionType::kInt, .may_be_auto = true, .min = 1};
const OptionDescription kPool = {.name = "pool", .type = OptionType::kChoice, .choices = {"mean", "max"}};
const OptionDescription kCounts = {.name = "counts", .type = OptionType::kInt, .list = true, .min = 1, .max = 3};

OptionValue whole(std::int64_t value) { return {value}; }

TEST(OptionCheck, bounds_are_inclusive) {
  EXPECT_EQ(why_not(kLevel, {-60.0}), "");
  EXPECT_EQ(why_not(kLevel, {60.0}), "");
  EXPECT_EQ(why_not(kLevel, {60.000001}), "expected number from -60 to 60 dB");
}

TEST(OptionCheck, numbers_that_are_none_are_refused) {
  EXPECT_NE(why_not(kLevel, {std::numeric_limits<double>::quiet_NaN()}), "");
  EXPECT_NE(why_not({.type = OptionType::kDouble}, {std::numeric_limits<double>::infinity()}), "");
}

TEST(OptionCheck, a_whole_number_fits_a_double_and_not_the_other_way_round) {
  EXPECT_EQ(why_not(kLevel, whole(3)), "");
  EXPECT_EQ(why_not(kCount, {3.0}), "expected whole number of at least 1, or \"auto\"");
}

TEST(OptionCheck, auto_fits_where_it_may) {
  EXPECT_EQ(why_not(kCount, {Auto{}}), "");
  EXPECT_NE(why_not(kLevel, {Auto{}}), "");
}

TEST(OptionCheck, a_choice_is_one_of_its_names) {
  EXPECT_EQ(why_not(kPool, {std::string("max")}), "");
  EXPECT_EQ(why_not(kPool, {std::string("min")}), "expected one of \"mean\", \"max\"");
}

TEST(OptionCheck, every_item_of_a_list_must_fit) {
  EXPECT_EQ(why_not(kCounts, {OptionValue::List{whole(1), whole(3)}}), "");
  EXPECT_EQ(why_not(kCounts, {OptionValue::List{whole(1), whole(4)}}), "expected list, each whole number from 1 to 3");
  EXPECT_NE(why_not(kCounts, whole(1)), "");
  EXPECT_NE(why_not(kCount, {OptionValue::List{whole(1)}}), "");
}

TEST(OptionCheck, text_is_no_number_and_a_number_no_text) {
  EXPECT_NE(why_not(kLevel, {std::string("3")}), "");
  EXPECT_NE(why_not({.type = OptionType::kString}, whole(3)), "");
  EXPECT_NE(why_not({.type = OptionType::kBool}, whole(1)), "");
}

}  // namespace
}  // namespace earshot::plugins
