#include "earshot/contract/record.h"

#include <gtest/gtest.h>

#include "earshot/contract/embedding.h"

namespace earshot {
namespace {

Record three_floats() { return PlainEmbedding({0.5F, -0.0F, 1e-42F}).to_record().value(); }

TEST(Record, an_embedding_comes_back_to_the_bit) {
  const Result<PayloadPtr> back = Embedding::from_record(three_floats());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ((*back)->to_record()->bytes, three_floats().bytes);
}

TEST(Record, another_kind_is_refused) {
  Record record = three_floats();
  record.kind = "mel";
  EXPECT_EQ(Embedding::from_record(record).error().message, "a record of kind 'mel': a embedding was expected");
}

TEST(Record, bytes_that_the_shape_does_not_say_are_refused) {
  Record record = three_floats();
  record.bytes.pop_back();
  EXPECT_EQ(Embedding::from_record(record).error().code, ErrorCode::kCorruptInput);
}

TEST(Record, a_shape_beyond_all_memory_is_refused) {
  Record record = three_floats();
  record.shape = {std::int64_t{1} << 62};
  EXPECT_EQ(Embedding::from_record(record).error().code, ErrorCode::kCorruptInput);
}

TEST(Record, facts_are_whole_numbers_or_absent) {
  Record record = three_floats();
  record.facts = {{"lead", "12"}, {"tail", "1x"}};
  EXPECT_EQ(whole_fact(record, "lead").value(), 12);
  EXPECT_EQ(whole_fact(record, "other", 7).value(), 7);
  EXPECT_FALSE(whole_fact(record, "other").ok());
  EXPECT_FALSE(whole_fact(record, "tail").ok());
}

}  // namespace
}  // namespace earshot
