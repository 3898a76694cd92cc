#include "earshot/pipeline/cache/packing.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace earshot::cache {
namespace {

Record record_of(const std::vector<float>& values) {
  Record record{.kind = "mel", .shape = {1, static_cast<std::int64_t>(values.size())}, .facts = {{"sample_rate", "8"}}};
  record.bytes.resize(values.size() * sizeof(float));
  std::memcpy(record.bytes.data(), values.data(), record.bytes.size());
  return record;
}

float packed(float value, Form form) {
  const Record back = unpack(pack(record_of({value}), form).value()).value();
  float out = 0;
  std::memcpy(&out, back.bytes.data(), sizeof(out));
  return out;
}

TEST(Packing, a_record_comes_back_whole) {
  const Record record = record_of({1.5F, -0.0F, 1e-42F, 3e38F});
  const Record back = unpack(pack(record, Form::kExact).value()).value();
  EXPECT_EQ(back.kind, "mel");
  EXPECT_EQ(back.shape, record.shape);
  EXPECT_EQ(back.facts, record.facts);
  EXPECT_EQ(back.bytes, record.bytes);
}

// Values of IEEE 754 half precision, as its tables have them.
TEST(Packing, half_precision_rounds_to_nearest_even) {
  EXPECT_EQ(packed(1.0F, Form::kFp16), 1.0F);
  EXPECT_EQ(packed(1.0F + 0x1p-11F, Form::kFp16), 1.0F);                // a tie, to even
  EXPECT_EQ(packed(1.0F + 3 * 0x1p-11F, Form::kFp16), 1.0F + 0x1p-9F);  // a tie, to even
  EXPECT_EQ(packed(0x1p-24F, Form::kFp16), 0x1p-24F);                   // the smallest one
  EXPECT_EQ(packed(0x1p-26F, Form::kFp16), 0.0F);
  EXPECT_EQ(packed(-65504.0F, Form::kFp16), -65504.0F);  // the largest one
  EXPECT_TRUE(std::signbit(packed(-0.0F, Form::kFp16)));
}

TEST(Packing, the_error_of_half_precision_is_below_its_bound) {
  for (float value = -20; value < 20; value += 0.00371F)
    EXPECT_LE(std::abs(packed(value, Form::kFp16) - value), std::abs(value) * 0x1p-11F + 0x1p-25F) << value;
}

TEST(Packing, pcm16_gives_samples_of_16_bits_back_to_the_bit_and_clips_others) {
  for (int sample = -32768; sample < 32768; sample += 97)
    EXPECT_EQ(packed(static_cast<float>(sample) / 32768.0F, Form::kPcm16), static_cast<float>(sample) / 32768.0F);
  EXPECT_EQ(packed(1.5F, Form::kPcm16), 32767.0F / 32768.0F);
  EXPECT_EQ(packed(-1.5F, Form::kPcm16), -1.0F);
}

TEST(Packing, a_form_that_does_not_fit_is_refused) {
  EXPECT_EQ(pack(record_of({70000.0F}), Form::kFp16).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(pack(record_of({-12.0F}), Form::kPcm16).error().code, ErrorCode::kInvalidArgument);
  Record text{.kind = "text", .dtype = DType::kUtf8, .shape = {0}};
  EXPECT_EQ(pack(text, Form::kFp16).error().message, "text cannot be kept as fp16: its values are not float32");
}

TEST(Packing, every_cut_is_noticed) {
  const std::vector<std::byte> bytes = pack(record_of({1, 2, 3}), Form::kFp16).value();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(unpack(std::span(bytes).first(size)).error().code, ErrorCode::kCorruptInput) << size;
}

}  // namespace
}  // namespace earshot::cache
