#include <cstring>

#include <gtest/gtest.h>

#include "earshot/text/text.h"
#include "earshot/text/tokens.h"

namespace earshot {
namespace {

TEST(TextPayload, record_holds_the_bytes_as_they_are) {
  const Record record = Text("caf\xC3\xA9").to_record().value();
  EXPECT_EQ(record.dtype, DType::kUtf8);
  EXPECT_EQ(record.shape, std::vector<std::int64_t>{5});
  EXPECT_EQ(std::memcmp(record.bytes.data(), "caf\xC3\xA9", 5), 0);
}

TEST(TextPayload, an_empty_sentence_has_an_empty_record) { EXPECT_TRUE(Text("").to_record().value().bytes.empty()); }

TEST(TextPayload, bytes_count_what_the_sentence_holds) {
  EXPECT_GE(Text(std::string(5000, 'x')).bytes(), 5000);
  EXPECT_LT(Text("x").bytes(), 200);
}

TEST(TokensPayload, record_holds_ids_and_the_tokeniser) {
  const auto tokeniser = std::make_shared<const text::Tokeniser>();
  const Record record = Tokens({0, 77, 2}, tokeniser).to_record().value();
  EXPECT_EQ(record.dtype, DType::kInt32);
  EXPECT_EQ(record.shape, std::vector<std::int64_t>{3});
  EXPECT_EQ(record.facts.at("tokeniser"), tokeniser->to_text());
  std::int32_t second = 0;
  std::memcpy(&second, record.bytes.data() + 4, 4);
  EXPECT_EQ(second, 77);
}

TEST(Text, comes_back_from_its_record_though_it_is_no_utf8) {
  const PayloadPtr back = Text::from_record(Text("a\xff z").to_record().value()).value();
  EXPECT_EQ(static_cast<const Text&>(*back).utf8(), "a\xff z");
}

TEST(Tokens, come_back_from_their_record) {
  const auto tokeniser = std::make_shared<const text::Tokeniser>();
  const PayloadPtr back = Tokens::from_record(Tokens({5, 6, 7}, tokeniser).to_record().value()).value();
  EXPECT_EQ(static_cast<const Tokens&>(*back).tokeniser(), *tokeniser);
  EXPECT_EQ(static_cast<const Tokens&>(*back).ids()[2], 7);
}

TEST(Tokens, ids_that_the_tokeniser_does_not_have_are_refused) {
  const auto tokeniser = std::make_shared<const text::Tokeniser>();
  const Record record = Tokens({5, tokeniser->vocabulary}, tokeniser).to_record().value();
  EXPECT_EQ(Tokens::from_record(record).error().code, ErrorCode::kCorruptInput);
}

}  // namespace
}  // namespace earshot
