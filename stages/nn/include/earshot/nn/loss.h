// Loss: one number of a batch and the way back to everything it depends on.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

#include <ATen/core/Tensor.h>

#include "earshot/contract/payload.h"

namespace earshot {

class Loss final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"loss", "[]", {}};

  // `root`: a scalar whose gradients are those of the loss, computed on the compute lane; its own value has no meaning.
  // `value`: the loss; `weight`: its factor in the sum that a step descends.
  Loss(double value, at::Tensor root, double weight) : value_(value), root_(std::move(root)), weight_(weight) {}

  [[nodiscard]] double value() const noexcept { return value_; }
  [[nodiscard]] const at::Tensor& root() const noexcept { return root_; }
  [[nodiscard]] double weight() const noexcept { return weight_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override { return static_cast<std::int64_t>(sizeof(*this)); }
  // Whether the value is: the engine ends a run at the stage that gave a loss which is not, before any step sees it.
  [[nodiscard]] bool finite() const override { return std::isfinite(value_); }
  // [] float32: the value.
  [[nodiscard]] Result<Record> to_record() const override;

 private:
  double value_;
  at::Tensor root_;
  double weight_;
};

}  // namespace earshot
