// Mix: of which two clips a mixed row is made, and how much of each: lambda of its own, 1 - lambda of its partner.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "earshot/contract/payload.h"

namespace earshot {

class Mix final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"mix", "[lambda]", {}};

  // Ids of the two clean rows. Precondition: 0 <= lambda <= 1.
  Mix(std::string own, std::string partner, double lambda)
      : own_(std::move(own)), partner_(std::move(partner)), lambda_(lambda) {}

  [[nodiscard]] const std::string& own() const noexcept { return own_; }
  [[nodiscard]] const std::string& partner() const noexcept { return partner_; }
  [[nodiscard]] double lambda() const noexcept { return lambda_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override;
  // [1] float32: lambda; the ids are facts.
  [[nodiscard]] Result<Record> to_record() const override;

 private:
  std::string own_;
  std::string partner_;
  double lambda_;
};

}  // namespace earshot
