// The text payloads: what the engine asks of them.
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/record.h"
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

Result<PayloadPtr> Text::from_record(const Record& record) {
  if (Status status = check_record(record, kInfo, DType::kUtf8, 1); !status.ok()) return status.error();
  const std::vector<char> utf8 = values_of<char>(record);
  return PayloadPtr(std::make_shared<const Text>(std::string(utf8.begin(), utf8.end())));
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

Result<PayloadPtr> Tokens::from_record(const Record& record) {
  if (Status status = check_record(record, kInfo, DType::kInt32, 1); !status.ok()) return status.error();
  const auto fact = record.facts.find("tokeniser");
  Result<text::Tokeniser> tokeniser = text::Tokeniser::parse(fact == record.facts.end() ? "" : fact->second);
  if (!tokeniser.ok()) return std::move(tokeniser).error();
  std::vector<std::int32_t> ids = values_of<std::int32_t>(record);
  for (const std::int32_t id : ids)
    if (id < 0 || id >= tokeniser->vocabulary)
      return Error{ErrorCode::kCorruptInput,
                   "a record of tokens holds " + std::to_string(id) + ", which its tokeniser does not have"};
  return PayloadPtr(
      std::make_shared<const Tokens>(std::move(ids), std::make_shared<const text::Tokeniser>(*std::move(tokeniser))));
}

}  // namespace earshot
