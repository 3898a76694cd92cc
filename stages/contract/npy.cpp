#include "earshot/contract/npy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

namespace earshot {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kPreamble = kMagic.size() + 2;  // magic, version, length of the header
constexpr std::size_t kAlignment = 64;                // of the data

struct TypeName {
  DType dtype;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<TypeName, 6> kTypes{{{DType::kFloat32, "<f4", 4},
                                          {DType::kFloat16, "<f2", 2},
                                          {DType::kInt16, "<i2", 2},
                                          {DType::kInt32, "<i4", 4},
                                          {DType::kInt64, "<i8", 8},
                                          {DType::kUtf8, "|u1", 1}}};

Error corrupt(const std::string& what) { return {ErrorCode::kCorruptInput, ".npy: " + what}; }

// What stands between `before` and `after` in the header; empty where they are not there.
std::string_view between(std::string_view header, std::string_view before, std::string_view after) {
  const std::size_t start = header.find(before);
  if (start == std::string_view::npos) return {};
  header.remove_prefix(start + before.size());
  return header.substr(0, header.find(after));
}

Result<std::vector<std::int64_t>> read_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  while (!text.empty()) {
    std::int64_t extent = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (parsed.ec != std::errc{} || extent < 0) return corrupt("a shape of whole numbers was expected");
    shape.push_back(extent);
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(", ")));
  }
  return shape;
}

}  // namespace

std::vector<std::byte> to_npy(const Record& record) {
  const auto* const type = std::ranges::find(kTypes, record.dtype, &TypeName::dtype);
  std::string header = "{'descr': '" + std::string(type->name) + "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : record.shape) header += std::to_string(extent) + ", ";
  if (!record.shape.empty()) header.resize(header.size() - (record.shape.size() == 1 ? 1 : 2));  // (3,) and (3, 4)
  header += "), }";
  header.append(kAlignment - (kPreamble + header.size()) % kAlignment, ' ');
  header.back() = '\n';

  std::vector<std::byte> file(kPreamble + header.size() + record.bytes.size());
  std::memcpy(file.data(), kMagic.data(), kMagic.size());
  file[8] = static_cast<std::byte>(header.size() & 0xFFU);
  file[9] = static_cast<std::byte>(header.size() >> 8U);
  std::memcpy(file.data() + kPreamble, header.data(), header.size());
  std::ranges::copy(record.bytes, file.begin() + static_cast<std::ptrdiff_t>(kPreamble + header.size()));
  return file;
}

Result<Record> from_npy(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (file.size() < kPreamble || !text.starts_with(kMagic)) return corrupt("a file of NumPy's format 1.0 was expected");
  const std::size_t header_size = std::to_integer<std::size_t>(file[8]) | std::to_integer<std::size_t>(file[9]) << 8U;
  if (header_size > file.size() - kPreamble) return corrupt("the file ends inside its header");
  const std::string_view header = text.substr(kPreamble, header_size);
  const std::span<const std::byte> data = file.subspan(kPreamble + header_size);

  if (header.find("'fortran_order': False") == std::string_view::npos)
    return Error{ErrorCode::kUnsupported, ".npy: only C order can be read"};
  const auto* const type = std::ranges::find(kTypes, between(header, "'descr': '", "'"), &TypeName::name);
  if (type == kTypes.end())
    return Error{ErrorCode::kUnsupported, ".npy: a type among <f4, <f2, <i2, <i4, <i8 and |u1 was expected"};
  Result<std::vector<std::int64_t>> shape = read_shape(between(header, "'shape': (", ")"));
  if (!shape) return std::move(shape).error();
  std::size_t expected = type->size;
  for (const std::int64_t extent : *shape)
    if (__builtin_mul_overflow(expected, static_cast<std::size_t>(extent), &expected))
      return corrupt("the shape is larger than any file");
  if (expected != data.size())
    return corrupt("the header says " + std::to_string(expected) + " bytes, the file has " +
                   std::to_string(data.size()));
  return Record{.dtype = type->dtype, .shape = *std::move(shape), .bytes = {data.begin(), data.end()}};
}

}  // namespace earshot
