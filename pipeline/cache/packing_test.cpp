#include "earshot/pipeline/cache/packing.h"

#include <algorithm>
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
  if (!values.empty()) std::memcpy(record.bytes.data(), values.data(), record.bytes.size());
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

TEST(Packing, pcm16_and_flac_give_samples_of_16_bits_back_to_the_bit_and_clip_others) {
  std::vector<float> samples;
  for (int sample = -32768; sample < 32768; sample += 97) samples.push_back(static_cast<float>(sample) / 32768.0F);
  for (const Form form : {Form::kPcm16, Form::kFlac}) {
    EXPECT_EQ(unpack(pack(record_of(samples), form).value()).value().bytes, record_of(samples).bytes);
    EXPECT_EQ(packed(1.5F, form), 32767.0F / 32768.0F);
    EXPECT_EQ(packed(-1.5F, form), -1.0F);
    EXPECT_TRUE(unpack(pack(record_of({}), form).value()).value().bytes.empty());
  }
}

TEST(Packing, flac_takes_a_third_of_the_bytes_of_a_quiet_tone) {
  std::vector<float> samples(160000);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = 0.1F * static_cast<float>(std::sin(0.05 * static_cast<double>(i)));
  const std::size_t pcm_bytes = pack(record_of(samples), Form::kPcm16).value().size();
  const std::vector<std::byte> flac = pack(record_of(samples), Form::kFlac).value();
  EXPECT_LT(flac.size(), pcm_bytes / 3);
  EXPECT_EQ(unpack(flac).value().bytes, unpack(pack(record_of(samples), Form::kPcm16).value()).value().bytes);
}

TEST(Packing, a_form_that_does_not_fit_is_refused) {
  EXPECT_EQ(pack(record_of({70000.0F}), Form::kFp16).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(pack(record_of({-12.0F}), Form::kPcm16).error().code, ErrorCode::kInvalidArgument);
  Record text{.kind = "text", .dtype = DType::kUtf8, .shape = {0}};
  EXPECT_EQ(pack(text, Form::kFp16).error().message, "text cannot be kept as fp16: its values are not float32");
}

TEST(Packing, every_cut_is_noticed) {
  for (const Form form : {Form::kFp16, Form::kFlac}) {
    const std::vector<std::byte> bytes = pack(record_of({0.5F, 0.25F, -1}), form).value();
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_EQ(unpack(std::span(bytes).first(size)).error().code, ErrorCode::kCorruptInput) << size;
  }
}

TEST(Packing, flac_that_promises_more_than_it_can_hold_is_refused_before_memory_is_taken) {
  std::vector<std::byte> bytes = pack(record_of({0.5F}), Form::kFlac).value();
  const std::int64_t vast = (std::int64_t{1} << 35) + 1;
  std::memcpy(bytes.data() + 16, &vast, sizeof(vast));  // the second extent
  EXPECT_EQ(unpack(bytes).error().code, ErrorCode::kCorruptInput);
  // FLAC says the same: the number of samples has 36 bits, the highest four of them in byte 21 (RFC 9639, section 8.2).
  const auto magic = std::as_bytes(std::span("fLaC", 4));
  *(std::search(bytes.begin(), bytes.end(), magic.begin(), magic.end()) + 21) |= std::byte{8};
  EXPECT_EQ(unpack(bytes).error().code, ErrorCode::kCorruptInput);
}

}  // namespace
}  // namespace earshot::cache
