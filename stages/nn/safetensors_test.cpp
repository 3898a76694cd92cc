#include "earshot/nn/safetensors.h"

#include <cstring>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

namespace earshot::nn {
namespace {

// A file with this header and `data_length` zero bytes of data.
std::vector<std::byte> file(std::string_view header, std::size_t data_length) {
  std::vector<std::byte> bytes(8 + header.size() + data_length);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

ErrorCode refusal(std::string_view header, std::size_t data_length) {
  const Result<StoredTensors> read = read_safetensors(file(header, data_length));
  return read.ok() ? ErrorCode::kInternal : read.error().code;
}

const StoredTensors kTensors = {{"b", {{2, 2}, {1, 2, 3, -0.5F}}}, {"a", {{}, {7}}}, {"empty", {{0, 3}, {}}}};

TEST(Safetensors, what_was_written_is_read_back) {
  EXPECT_EQ(read_safetensors(write_safetensors(kTensors)).value(), kTensors);
}

// BF16 is the upper half of a float32: 0x3F80 is 1, 0xC000 is -2.
TEST(Safetensors, metadata_is_skipped_and_bfloat_becomes_single) {
  std::vector<std::byte> bytes =
      file(R"({"__metadata__":{"format":"pt"},"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})", 4);
  const std::uint16_t values[] = {0x3F80, 0xC000};
  std::memcpy(bytes.data() + bytes.size() - 4, values, 4);
  EXPECT_EQ(read_safetensors(bytes).value(), (StoredTensors{{"x", {{2}, {1, -2}}}}));
}

// IEEE 754-2019, binary16: 1, -2, the smallest subnormal 2^-24, the largest 65504, infinity.
TEST(Safetensors, half_precision_becomes_single) {
  std::vector<std::byte> bytes = file(R"({"x":{"dtype":"F16","shape":[5],"data_offsets":[0,10]}})", 10);
  const std::uint16_t values[] = {0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00};
  std::memcpy(bytes.data() + bytes.size() - 10, values, 10);
  const std::vector<float> expected = {1, -2, 0x1p-24F, 65504, std::numeric_limits<float>::infinity()};
  EXPECT_EQ(read_safetensors(bytes).value().at("x").values, expected);
}

TEST(Safetensors, every_broken_header_is_refused) {
  for (
      const char* header :
      {"", "[]", "{", R"({"x":1})", R"({"x":{"dtype":"F32","shape":[1]}})",
       R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}})",
       R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
       R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
       R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})",
       R"({"x":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,4]}})",
       R"({"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
       R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       R"({"x":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}})",
       R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})"})
    EXPECT_EQ(refusal(header, 4), ErrorCode::kCorruptInput) << header;
}

TEST(Safetensors, a_tensor_of_whole_numbers_is_listed_and_has_no_values) {
  const char* header = R"({"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})";
  EXPECT_EQ(refusal(header, 8), ErrorCode::kUnsupported);
  const std::vector<std::byte> bytes = file(header, 8);
  const std::vector<TensorView> listed = list_safetensors(bytes).value();
  EXPECT_EQ(listed.at(0).count(), 1U);
  EXPECT_FALSE(is_floating(listed[0]));
}

// What may go wrong in a header: a byte, a digit, a piece that is missing or twice.
void mutate(std::vector<std::byte>& bytes, std::mt19937& random) {
  const auto place = [&] { return static_cast<std::ptrdiff_t>(random() % bytes.size()); };
  switch (random() % 4) {
    case 0:
      bytes[static_cast<std::size_t>(place())] = static_cast<std::byte>(random());
      break;
    case 1:
      bytes[static_cast<std::size_t>(place())] = static_cast<std::byte>('0' + random() % 10);
      break;
    case 2:
      bytes.resize(bytes.size() - random() % bytes.size());
      break;
    default: {
      const std::vector<std::byte> piece(bytes.begin() + place() / 2, bytes.end());
      bytes.insert(bytes.begin() + place(), piece.begin(),
                   piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 3));
    }
  }
}

// 20,000 runs here, under AddressSanitizer and UBSan in the preset asan.
TEST(Safetensors, broken_files_by_the_thousand_end_in_a_value) {
  std::mt19937 random(1);
  std::size_t refused = 0;
  for (int run = 0; run < 20'000; ++run) {
    std::vector<std::byte> bytes = write_safetensors(kTensors);
    for (std::size_t n = 1 + random() % 3; n > 0; --n) mutate(bytes, random);
    refused += read_safetensors(bytes).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 10'000U);
  EXPECT_LT(refused, 20'000U);
}

TEST(Safetensors, a_header_longer_than_the_file_takes_no_memory) {
  std::vector<std::byte> bytes(16, std::byte{0xFF});
  EXPECT_EQ(read_safetensors(bytes).error().code, ErrorCode::kCorruptInput);
  EXPECT_EQ(read_safetensors(std::span(bytes).first(7)).error().code, ErrorCode::kCorruptInput);
}

TEST(Safetensors, the_mean_is_value_by_value) {
  std::vector<std::vector<std::byte>> files;
  for (const float value : {1.0F, 2.0F, 6.0F})
    files.push_back(write_safetensors({{"x", {{5000}, std::vector<float>(5000, value)}}}));
  std::vector<TensorView> views;
  for (const std::vector<std::byte>& bytes : files) views.push_back(list_safetensors(bytes).value().at(0));
  const std::vector<const TensorView*> several = {&views[0], &views[1], &views[2]};
  std::vector<float> mean(5000);
  mean_values(several, mean);
  EXPECT_EQ(mean, std::vector<float>(5000, 3));
}

}  // namespace
}  // namespace earshot::nn
