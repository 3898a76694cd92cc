#include "earshot/retrieval/unit_rows.h"

#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace earshot::retrieval {
namespace {

// Sixteen partial sums in a fixed order: the compiler can use vector registers, the result is the same everywhere.
float dot(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> sums{};
  std::size_t at = 0;
  for (; at + kLanes <= a.size(); at += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[at + lane] * b[at + lane];
  for (std::size_t lane = 0; at < a.size(); ++at, ++lane) sums[lane] += a[at] * b[at];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

}  // namespace

Status UnitRows::add(std::string id, std::string related, std::span<const float> embedding) {
  if (embedding.empty() || (!ids_.empty() && embedding.size() != dim()))
    return Error{ErrorCode::kInvalidArgument,
                 "the embedding of '" + id + "' has " + std::to_string(embedding.size()) + " values, expected " +
                     (ids_.empty() ? "at least one" : "the " + std::to_string(dim()) + " of '" + ids_.front() + "'")};
  double square = 0;
  for (const float value : embedding) square += static_cast<double>(value) * static_cast<double>(value);
  if (!std::isfinite(square))
    return Error{ErrorCode::kNonFinite, "the embedding of '" + id + "' holds NaN or infinity"};
  const double scale = square > 0 ? 1.0 / std::sqrt(square) : 0.0;
  for (const float value : embedding) values_.push_back(static_cast<float>(scale * static_cast<double>(value)));
  ids_.push_back(std::move(id));
  related_.push_back(std::move(related));
  return {};
}

std::vector<float> cosines(std::span<const float> query, const UnitRows& gallery) {
  std::vector<float> scores(gallery.size());
  for (std::size_t row = 0; row < scores.size(); ++row) scores[row] = dot(query, gallery.row(row));
  return scores;
}

}  // namespace earshot::retrieval
