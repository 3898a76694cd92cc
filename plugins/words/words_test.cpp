#include "earshot/text/words.h"

#include <gtest/gtest.h>

#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "earshot/text/tokens.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot {
namespace {

Result<std::unique_ptr<Stage>> stage_for(const std::string& tokeniser) {
  Setup setup;
  setup.facts["tokens"]["tokeniser"] = tokeniser;
  return earshot_plugin()->create({}, setup);
}

Result<Outputs> process(const Stage& stage, const std::string& sentence) {
  const std::vector<std::string> names = {"text"};
  const std::vector<PayloadPtr> payloads = {std::make_shared<const Text>(sentence)};
  Context context;
  return dynamic_cast<const Map&>(stage).process(Inputs(names, payloads), context);
}

const Tokens& tokens_of(const Outputs& outputs) { return static_cast<const Tokens&>(*outputs[0]); }

TEST(WordsStage, does_as_the_text_encoder_states) {
  const auto stage = stage_for("family=words max_tokens=5 prefix=0 vocabulary=100").value();
  const Outputs outputs = process(*stage, "An owl hoots, then a dog barks.").value();
  const text::Tokeniser stated{.max_tokens = 5, .prefix = 0, .vocabulary = 100};
  const std::vector<std::int32_t> expected = text::tokenise_words("an owl hoots", stated).value();
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), tokens_of(outputs).ids().begin()));
  EXPECT_EQ(tokens_of(outputs).ids().size(), 5U);
  EXPECT_EQ(tokens_of(outputs).tokeniser(), stated);
}

TEST(WordsStage, takes_its_declared_default_where_nobody_states_one) {
  const PortDescription& tokens = earshot_plugin()->description->outputs.at(0);
  EXPECT_EQ(tokens.facts.at(0).text, text::Tokeniser{}.to_text());
  EXPECT_EQ(tokens_of(process(*stage_for("").value(), "rain").value()).tokeniser(), text::Tokeniser{});
}

TEST(WordsStage, another_family_or_a_broken_record_is_refused) {
  EXPECT_EQ(stage_for("family=byte_pair").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(stage_for("vocabulary=-3").error().code, ErrorCode::kInvalidArgument);
}

TEST(WordsStage, bytes_that_are_no_utf8_fail_that_sentence) {
  const Result<Outputs> outputs = process(*stage_for("").value(), "rain \xFF");
  EXPECT_EQ(outputs.error().code, ErrorCode::kCorruptInput);
}

TEST(WordsStage, tokens_are_never_larger_than_the_footprint_says) {
  const auto stage = stage_for("").value();
  std::string text;
  for (int word = 0; word < 500; ++word) text += "word ";
  const Outputs outputs = process(*stage, text).value();
  EXPECT_LE(tokens_of(outputs).bytes(), stage->footprint({}).bytes);
}

}  // namespace
}  // namespace earshot
