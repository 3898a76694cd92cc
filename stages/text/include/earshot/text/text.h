// Text: one sentence in UTF-8, as a source read it. Nothing is trimmed or lower-cased; `tokenise` prepares it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "earshot/contract/payload.h"

namespace earshot {

class Text final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"text", "[byte]", {}};

  // Bytes that are no UTF-8 are carried as they are: the stage that reads them says so.
  explicit Text(std::string utf8) : utf8_(std::move(utf8)) {}
  [[nodiscard]] const std::string& utf8() const noexcept { return utf8_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override;
  // [byte] UTF-8.
  [[nodiscard]] Result<Record> to_record() const override;
  static Result<PayloadPtr> from_record(const Record& record);

 private:
  std::string utf8_;
};

}  // namespace earshot
