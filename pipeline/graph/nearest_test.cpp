#include "earshot/pipeline/graph/nearest.h"

#include <vector>

#include <gtest/gtest.h>

namespace earshot::graph {
namespace {

const std::vector<std::string> kNames = {"beats", "cnn", "decode", "logmel", "lr"};

TEST(Nearest, a_slip_finds_its_name) {
  EXPECT_EQ(nearest("beat", kNames), "beats");     // one missing
  EXPECT_EQ(nearest("lgomel", kNames), "logmel");  // two swapped
  EXPECT_EQ(nearest("decoder", kNames), "decode");
  EXPECT_EQ(nearest("rl", kNames), "lr");
}

TEST(Nearest, a_name_cut_short_finds_the_only_one_that_holds_it) {
  const std::vector<std::string> names = {"sample_rate_hz", "length_s", "hop_length_s"};
  EXPECT_EQ(nearest("rate_hz", names), "sample_rate_hz");
  EXPECT_EQ(nearest("the_sample_rate_hz", names), "sample_rate_hz");
  EXPECT_EQ(nearest("length", names), "length_s");  // a slip of two
  EXPECT_EQ(nearest("gth_", names), "");            // two hold it
}

TEST(Nearest, what_is_far_from_everything_finds_nothing) {
  EXPECT_EQ(nearest("resample", kNames), "");
  EXPECT_EQ(nearest("xy", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), kNames), "");
}

TEST(Nearest, lists_read_as_sentences) {
  EXPECT_EQ(listed(kNames), "beats, cnn, decode, logmel and lr");
  EXPECT_EQ(listed({}), "none");
}

}  // namespace
}  // namespace earshot::graph
