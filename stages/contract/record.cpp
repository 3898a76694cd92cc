#include "earshot/contract/record.h"

#include <charconv>

namespace earshot {
namespace {

Error corrupt(const Record& record, const std::string& what) {
  return {ErrorCode::kCorruptInput, "a record of kind '" + record.kind + "': " + what};
}

}  // namespace

std::size_t size_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kInt32:
      return 4;
    case DType::kFloat16:
    case DType::kInt16:
      return 2;
    case DType::kInt64:
      return 8;
    case DType::kUtf8:
      return 1;
  }
  return 1;
}

Status check_record(const Record& record, const PayloadInfo& info, DType dtype, std::size_t rank) {
  if (record.kind != info.kind) return corrupt(record, std::string("a ") + info.kind + " was expected");
  if (record.dtype != dtype) return corrupt(record, "its values are of another type than those of its kind");
  if (record.shape.size() != rank)
    return corrupt(record,
                   std::to_string(rank) + " dimensions were expected, it has " + std::to_string(record.shape.size()));
  std::size_t expected = size_of(dtype);
  for (const std::int64_t extent : record.shape)
    if (extent < 0 || __builtin_mul_overflow(expected, static_cast<std::size_t>(extent), &expected))
      return corrupt(record, "its shape makes no sense");
  if (expected != record.bytes.size())
    return corrupt(
        record, "its shape says " + std::to_string(expected) + " bytes, it has " + std::to_string(record.bytes.size()));
  return {};
}

Result<std::int64_t> whole_fact(const Record& record, const std::string& name, std::int64_t absent) {
  const auto found = record.facts.find(name);
  if (found == record.facts.end()) {
    if (absent >= 0) return absent;
    return corrupt(record, "it does not say its " + name);
  }
  std::int64_t value = -1;
  const char* const end = found->second.data() + found->second.size();
  const auto parsed = std::from_chars(found->second.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 0)
    return corrupt(record, name + " is '" + found->second + "', a whole number was expected");
  return value;
}

}  // namespace earshot
