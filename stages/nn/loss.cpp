#include "earshot/nn/loss.h"

#include <cstring>

namespace earshot {

const PayloadInfo& Loss::info() const noexcept { return kInfo; }

Result<Record> Loss::to_record() const {
  const auto value = static_cast<float>(value_);
  Record record{.kind = kInfo.kind, .dtype = DType::kFloat32};
  record.bytes.resize(sizeof(value));
  std::memcpy(record.bytes.data(), &value, sizeof(value));
  return record;
}

}  // namespace earshot
