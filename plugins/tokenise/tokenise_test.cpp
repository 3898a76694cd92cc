#include <algorithm>

#include <gtest/gtest.h>

#include "earshot/text/sentence_tokeniser.h"
#include "earshot/text/text.h"
#include "earshot/text/tokens.h"
#include "stage_under_test.h"

namespace earshot::testing {
namespace {

StageUnderTest stage_for(const std::string& tokeniser) {
  return StageUnderTest({}, {{"tokens", {{"tokeniser", tokeniser}}}});
}

TEST(TokeniseStage, does_as_the_text_encoder_states) {
  const StageUnderTest stage = stage_for("family=words max_tokens=5 prefix=0 vocabulary=100");
  const Tokens tokens = stage.process<Tokens>(Text("An owl hoots, then a dog barks.")).value();
  const text::Tokeniser stated{.max_tokens = 5, .prefix = 0, .vocabulary = 100};
  EXPECT_TRUE(std::ranges::equal(tokens.ids(), text::SentenceTokeniser::open(stated).value()("an owl hoots").value()));
  EXPECT_EQ(tokens.tokeniser(), stated);
}

TEST(TokeniseStage, takes_its_declared_default_where_nobody_states_one) {
  const PortDescription& port = earshot_plugin()->description->outputs.at(0);
  EXPECT_EQ(port.facts.at(0).text, text::Tokeniser{}.to_text());
  EXPECT_EQ(stage_for("").process<Tokens>(Text("rain")).value().tokeniser(), text::Tokeniser{});
}

TEST(TokeniseStage, another_family_or_a_broken_record_is_refused) {
  const auto refusal = [](const char* tokeniser) {
    return StageUnderTest::make({}, {{"tokens", {{"tokeniser", tokeniser}}}}).error().code;
  };
  EXPECT_EQ(refusal("family=morse"), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal("family=byte_pair path=/nowhere"), ErrorCode::kNotFound);
  EXPECT_EQ(refusal("vocabulary=-3"), ErrorCode::kInvalidArgument);
}

TEST(TokeniseStage, bytes_that_are_no_utf8_fail_that_sentence) {
  EXPECT_EQ(stage_for("").process<Tokens>(Text("rain \xFF")).error().code, ErrorCode::kCorruptInput);
}

// A copy holds what it needs: what the tokeniser itself gave is looked at.
TEST(TokeniseStage, tokens_of_a_long_sentence_are_never_larger_than_the_footprint_says) {
  const StageUnderTest stage = stage_for("");
  std::string sentence;
  for (int word = 0; word < 50'000; ++word) sentence += "word ";
  auto record = std::make_shared<const text::Tokeniser>();
  const Tokens tokens(text::SentenceTokeniser::open(*record).value()(sentence).value(), record);
  EXPECT_EQ(tokens.ids().size(), 64);
  EXPECT_LE(tokens.bytes(), stage.stage().footprint({}).bytes);
}

}  // namespace
}  // namespace earshot::testing
