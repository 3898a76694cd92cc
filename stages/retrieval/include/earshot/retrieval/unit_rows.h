// UnitRows: embeddings scaled to unit length, [row, dim], with a name and a relation each; what rankings are made of.
// Not thread-safe while rows are added.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::retrieval {

class UnitRows {
 public:
  // Appends a copy of `embedding` [dim], scaled to length 1 in float64; a zero row stays zero.
  // `related`: the recording or class that the row belongs to; a query's relevant items have the same.
  // Errors: kInvalidArgument when it has no values or not as many as the first, kNonFinite for NaN and infinity.
  Status add(std::string id, std::string related, std::span<const float> embedding);

  [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }
  [[nodiscard]] std::size_t dim() const noexcept { return ids_.empty() ? 0 : values_.size() / ids_.size(); }
  [[nodiscard]] const std::string& id(std::size_t row) const { return ids_[row]; }
  [[nodiscard]] const std::string& related(std::size_t row) const { return related_[row]; }
  // [dim] of one row; [row, dim] of all.
  [[nodiscard]] std::span<const float> row(std::size_t row) const {
    return std::span(values_).subspan(row * dim(), dim());
  }
  [[nodiscard]] std::span<const float> values() const noexcept { return values_; }

 private:
  std::vector<std::string> ids_;
  std::vector<std::string> related_;
  std::vector<float> values_;
};

// Cosines [gallery] of a unit query [dim] with every row. The same bits wherever a row stands.
// Precondition: query.size() == gallery.dim().
std::vector<float> cosines(std::span<const float> query, const UnitRows& gallery);

}  // namespace earshot::retrieval
