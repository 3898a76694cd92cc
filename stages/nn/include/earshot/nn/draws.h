// Draws: the random numbers of one call of a network, and whether it trains. Those of a row depend on the row's place
// in the batch only, so that a batch may be computed in pieces, and a piece twice.
//
// A value: it may outlive the Context that it was made from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "earshot/contract/context.h"

namespace earshot::nn {

class Draws {
 public:
  // Nothing is drawn where `training` is false.
  Draws(const Context& context, bool training) : context_(context), stage_(context.stage), training_(training) {
    context_.item_id = {};
  }

  [[nodiscard]] bool training() const noexcept { return training_; }
  // The same draws for the tensor whose row 0 is row `first_row` of the tensor at hand.
  [[nodiscard]] Draws from_row(std::int64_t first_row) const {
    Draws later = *this;
    later.first_row_ += first_row;
    return later;
  }
  // The stream called `name` that all rows of the batch share.
  [[nodiscard]] Random of_batch(std::string_view name) const {
    Context context = context_;
    context.stage = stage_;
    return context.random(name);
  }
  // The stream called `name` of row `row` of the tensor at hand.
  [[nodiscard]] Random of_row(std::string_view name, std::int64_t row) const {
    return of_batch(std::string(name) + "#" + std::to_string(first_row_ + row));
  }

 private:
  Context context_;
  std::string stage_;  // what context_.stage points at is gone after the call
  bool training_;
  std::int64_t first_row_ = 0;
};

}  // namespace earshot::nn
