// Reading records: what the `from_record` of payload kinds share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"

namespace earshot {

// Bytes of one value.
std::size_t size_of(DType dtype) noexcept;
// Whether kind, type and rank are these and the bytes are as many as the shape says. Errors: kCorruptInput.
Status check_record(const Record& record, const PayloadInfo& info, DType dtype, std::size_t rank);
// The fact `name`, a whole number of at least 0; `absent` where the record does not have it. Errors: kCorruptInput.
Result<std::int64_t> whole_fact(const Record& record, const std::string& name, std::int64_t absent = -1);

// The bytes of a record as values of its type. Precondition: check_record() passed.
template <class T>
requires std::is_trivially_copyable_v<T> std::vector<T> values_of(const Record& record) {
  std::vector<T> values(record.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), record.bytes.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace earshot
