// Tokens: a sentence as numbers of a vocabulary, [token] int32, specials included and without padding.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/text/tokeniser.h"

namespace earshot {

class Tokens final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"tokens", "[token]", {"tokeniser", nullptr, nullptr}};

  // Preconditions: `tokeniser` is not null, shared by all sentences of a stage; every id is in [0, its vocabulary).
  Tokens(std::vector<std::int32_t> ids, std::shared_ptr<const text::Tokeniser> tokeniser)
      : ids_(std::move(ids)), tokeniser_(std::move(tokeniser)) {}

  [[nodiscard]] std::span<const std::int32_t> ids() const noexcept { return ids_; }
  std::span<std::int32_t> ids() noexcept { return ids_; }
  [[nodiscard]] const text::Tokeniser& tokeniser() const noexcept { return *tokeniser_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override;
  // [token] int32.
  [[nodiscard]] Result<Record> to_record() const override;
  // Errors: also kInvalidArgument, of a tokeniser that makes no sense.
  static Result<PayloadPtr> from_record(const Record& record);

 private:
  std::vector<std::int32_t> ids_;
  std::shared_ptr<const text::Tokeniser> tokeniser_;
};

}  // namespace earshot
