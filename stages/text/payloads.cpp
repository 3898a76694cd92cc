// The text payloads: what the engine asks of them.
#include <cstddef>
#include <cstring>

#include "earshot/text/text.h"
#include "earshot/text/tokens.h"

namespace earshot {

const PayloadInfo& Text::info() const noexcept { return kInfo; }

std::int64_t Text::bytes() const noexcept { return static_cast<std::int64_t>(sizeof(*this) + utf8_.capacity()); }

Result<Record> Text::to_record() const {
  Record record{.kind = kInfo.kind, .dtype = DType::kUtf8, .shape = {static_cast<std::int64_t>(utf8_.size())}};
  record.bytes.resize(utf8_.size());
  if (!utf8_.empty()) std::memcpy(record.bytes.data(), utf8_.data(), utf8_.size());
  return record;
}

const PayloadInfo& Tokens::info() const noexcept { return kInfo; }

std::int64_t Tokens::bytes() const noexcept {
  return static_cast<std::int64_t>(sizeof(*this) + ids_.capacity() * sizeof(std::int32_t));
}

Result<Record> Tokens::to_record() const {
  Record record{.kind = kInfo.kind,
                .dtype = DType::kInt32,
                .shape = {static_cast<std::int64_t>(ids_.size())},
                .facts = {{"tokeniser", tokeniser_->to_text()}}};
  record.bytes.resize(ids_.size() * sizeof(std::int32_t));
  if (!ids_.empty()) std::memcpy(record.bytes.data(), ids_.data(), record.bytes.size());
  return record;
}

}  // namespace earshot
