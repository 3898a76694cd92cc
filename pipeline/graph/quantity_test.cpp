#include "earshot/pipeline/graph/quantity.h"

#include <gtest/gtest.h>

namespace earshot::graph {
namespace {

double read(std::string_view text, std::string_view unit) {
  const Result<double> quantity = read_quantity(text, unit);
  return quantity.ok() ? *quantity : -1;
}

TEST(Quantity, units_of_one_dimension_become_the_canonical_one) {
  EXPECT_EQ(read("32 kHz", "Hz"), 32000);
  EXPECT_EQ(read("44.1 kHz", "Hz"), 44100);
  EXPECT_EQ(read("10 ms", "s"), 0.01);
  EXPECT_EQ(read("1.5 min", "s"), 90);
  EXPECT_EQ(read("25 ms", "ms"), 25);
  EXPECT_EQ(read("1 GiB", "B"), 1073741824);
  EXPECT_EQ(read("1 GB", "B"), 1e9);
  EXPECT_EQ(read("500us", "ms"), 0.5);
}

TEST(Quantity, shares_are_for_dimensionless_numbers) {
  EXPECT_EQ(read("20 %", ""), 0.2);
  EXPECT_EQ(read("20 %", "Hz"), -1);
}

TEST(Quantity, a_unit_that_nobody_else_knows_is_taken_as_named) {
  EXPECT_EQ(read("-3 dB", "dB"), -3);
  EXPECT_EQ(read("3 semitones", "semitones"), 3);
  EXPECT_EQ(read("3 dB", "semitones"), -1);
}

TEST(Quantity, another_dimension_no_unit_and_no_number_are_refused) {
  for (const char* text : {"32 s", "32", "kHz", "", "32 kHz Hz", "nan Hz", "1e999 Hz", "0x10 Hz"})
    EXPECT_FALSE(read_quantity(text, "Hz").ok()) << text;
}

TEST(Quantity, the_error_names_the_units_there_are) {
  EXPECT_EQ(read_quantity("32", "Hz").error().message, "it has no unit: expected a number in Hz, kHz or MHz");
  EXPECT_EQ(read_quantity("32 kHzz", "Hz").error().message,
            "did you mean \"kHz\"? expected a number in Hz, kHz or MHz");
}

}  // namespace
}  // namespace earshot::graph
