// The bytes expected are those that numpy.save wrote for the same arrays.
#include "earshot/contract/npy.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace earshot {
namespace {

template <class T>
Record record_of(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  Record record{.dtype = dtype, .shape = std::move(shape), .bytes = std::vector<std::byte>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(record.bytes.data(), values.data(), record.bytes.size());
  return record;
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

// A file of 128 bytes of preamble and header, then data.
std::string numpy_file(const std::string& header, const std::string& data) {
  return std::string("\x93NUMPY\x01\x00v\x00", 10) + header + std::string(117 - header.size(), ' ') + "\n" + data;
}

const Record kMatrix = record_of<float>(DType::kFloat32, {2, 3}, {1, 2, 3, 4, 5, 6});
const char* const kMatrixHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

TEST(Npy, a_matrix_is_written_as_numpy_writes_it) {
  EXPECT_EQ(text_of(to_npy(kMatrix)), numpy_file(kMatrixHeader, text_of(kMatrix.bytes)));
}

TEST(Npy, a_vector_and_a_scalar_have_shapes_of_their_own) {
  EXPECT_EQ(text_of(to_npy(record_of<std::int32_t>(DType::kInt32, {1}, {7}))),
            numpy_file("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", std::string("\x07\0\0\0", 4)));
  EXPECT_NE(text_of(to_npy(record_of<std::int64_t>(DType::kInt64, {}, {5}))).find("'shape': ()"), std::string::npos);
}

TEST(Npy, every_type_reads_back) {
  for (const Record& record :
       {kMatrix, record_of<std::int16_t>(DType::kFloat16, {0, 4}, {}),
        record_of<std::int16_t>(DType::kInt16, {2}, {1, -1}), record_of<std::int64_t>(DType::kInt64, {}, {5}),
        record_of<char>(DType::kUtf8, {3}, {'a', 'b', 'c'})}) {
    const Record read = from_npy(to_npy(record)).value();
    EXPECT_EQ(read.dtype, record.dtype);
    EXPECT_EQ(read.shape, record.shape);
    EXPECT_EQ(read.bytes, record.bytes);
  }
}

TEST(Npy, what_is_cut_or_claims_too_much_is_refused) {
  const std::string file = text_of(to_npy(kMatrix));
  for (const std::size_t length : {0U, 5U, 9U, 60U, 130U, 151U})
    EXPECT_EQ(from_npy(bytes_of(file.substr(0, length))).error().code, ErrorCode::kCorruptInput) << length;
  const std::string huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 99), }";
  EXPECT_EQ(from_npy(bytes_of(numpy_file(huge, "abcd"))).error().code, ErrorCode::kCorruptInput);
  const std::string odd = "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, x), }";
  EXPECT_EQ(from_npy(bytes_of(numpy_file(odd, "abcd"))).error().code, ErrorCode::kCorruptInput);
}

TEST(Npy, other_orders_and_types_are_refused_by_name) {
  const std::string fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }";
  const std::string complex = "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }";
  EXPECT_EQ(from_npy(bytes_of(numpy_file(fortran, "abcd"))).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(from_npy(bytes_of(numpy_file(complex, "abcdefgh"))).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace earshot
