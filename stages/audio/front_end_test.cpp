#include "earshot/audio/front_end.h"

#include <gtest/gtest.h>

namespace earshot::audio {
namespace {

TEST(FrontEnd, text_reads_back_to_the_same_record) {
  for (const FrontEnd& front_end : {FrontEnd::passt(), FrontEnd::beats(), FrontEnd::vast(), FrontEnd::cavmae()}) {
    const auto parsed = FrontEnd::parse(front_end.to_text());
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, front_end);
    EXPECT_EQ(parsed->to_text(), front_end.to_text());
  }
}

TEST(FrontEnd, text_has_every_name_once_in_alphabetical_order) {
  EXPECT_EQ(FrontEnd::passt().to_text(),
            "dc=none fft=1024 fmax=15000 fmin=0 framing=centre hop=320 log=offset log_epsilon=1e-05 mean=-4.5 mels=128 "
            "preemphasis=0.97 preemphasis_over=signal scale=1 std=5 window=800 window_shape=hann");
}

TEST(FrontEnd, names_left_out_keep_their_defaults_in_any_order) {
  const auto parsed = FrontEnd::parse("mels=40  hop=256 fft=512 window=512");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, (FrontEnd{.fft = 512, .hop = 256, .mels = 40, .window = 512}));
}

TEST(FrontEnd, a_text_that_is_wrong_is_refused_with_a_sentence) {
  const auto refuses = [](const char* text, const char* says) {
    const auto parsed = FrontEnd::parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(parsed.error().message.find(says), std::string::npos) << parsed.error().message;
  };
  refuses("mel=40", "no option is called 'mel'");
  refuses("mels", "name=value");
  refuses("mels=4O", "expected a whole number");
  refuses("mels=0", "expected 1 to 512");
  refuses("mels=40 mels=40", "given twice");
  refuses("log=db", "one of floor offset");
  refuses("fft=1000", "power of two");
  refuses("window=2000", "expected 2 to 1024");
  refuses("fmin=500 fmax=400", "not above fmin");
  refuses("std=nan", "expected");
  refuses("hop=99999999999999999999", "whole number");
}

// The counts of the reference: 1 + floor((n - 400) / 160) and 1 + floor((n - 1) / 320).
TEST(FrontEnd, counts_frames_as_the_references_do) {
  EXPECT_EQ(FrontEnd::beats().frames(160000), 998);
  EXPECT_EQ(FrontEnd::beats().frames(480000), 2998);
  EXPECT_EQ(FrontEnd::beats().frames(399), 0);
  EXPECT_EQ(FrontEnd::passt().frames(32000), 100);
  EXPECT_EQ(FrontEnd::passt().frames(320000), 1000);
  EXPECT_EQ(FrontEnd::passt().frames(320001), 1001);
}

}  // namespace
}  // namespace earshot::audio
