#include "earshot/retrieval/mix.h"

#include <cstring>

namespace earshot {

const PayloadInfo& Mix::info() const noexcept { return kInfo; }

std::int64_t Mix::bytes() const noexcept {
  return static_cast<std::int64_t>(sizeof(*this) + own_.capacity() + partner_.capacity());
}

Result<Record> Mix::to_record() const {
  const auto lambda = static_cast<float>(lambda_);
  Record record{.kind = kInfo.kind, .dtype = DType::kFloat32, .shape = {1}};
  record.facts = {{"own", own_}, {"partner", partner_}};
  record.bytes.resize(sizeof(lambda));
  std::memcpy(record.bytes.data(), &lambda, sizeof(lambda));
  return record;
}

}  // namespace earshot
