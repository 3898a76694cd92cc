#include "earshot/retrieval/contrastive_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

namespace earshot::retrieval {
namespace {

// Invariants: weights are >= 0 and sum to 1; a cell with weight is never excluded.
struct Targets {
  std::vector<double> weights;         // [audio, text]
  std::vector<std::uint8_t> excluded;  // [audio, text], 1 = outside the softmax
};

// One row or one column of a row-major matrix.
struct Line {
  std::size_t start;
  std::size_t stride;
  std::size_t count;
};

// A number per text, equal where the clip is the same. Without keys every text is of a clip of its own.
std::vector<std::size_t> clip_numbers(std::span<const std::string> keys, std::size_t text_count) {
  std::map<std::string_view, std::size_t> number_of;
  std::vector<std::size_t> numbers(text_count);
  for (std::size_t text = 0; text < text_count; ++text)
    numbers[text] = keys.empty() ? text : number_of.emplace(keys[text], number_of.size()).first->second;
  return numbers;
}

Targets mixed_targets(std::span<const Mixture> mixtures, const std::vector<std::size_t>& clips, Positives positives) {
  const std::size_t text_count = clips.size();
  Targets targets{std::vector<double>(mixtures.size() * text_count, 0.0),
                  std::vector<std::uint8_t>(mixtures.size() * text_count, 0)};
  const bool by_clip = positives == Positives::kMultiPositiveMean;
  double total = 0;
  for (std::size_t row = 0; row < mixtures.size(); ++row) {
    const Mixture& mixture = mixtures[row];
    double row_total = 0;
    for (std::size_t text = 0; text < text_count; ++text) {
      const bool same_as_own = clips[text] == clips[mixture.own];
      const bool same_as_partner = clips[text] == clips[mixture.partner];
      const bool of_own = by_clip ? same_as_own : text == mixture.own;
      const bool of_partner = by_clip ? same_as_partner : text == mixture.partner;
      const double weight = (of_own ? mixture.lambda : 0.0) + (of_partner ? 1.0 - mixture.lambda : 0.0);
      const bool sounds = (same_as_own && mixture.lambda > 0.0) || (same_as_partner && mixture.lambda < 1.0);
      const std::size_t cell = row * text_count + text;
      targets.weights[cell] = weight;
      targets.excluded[cell] = positives == Positives::kMask && sounds && weight == 0.0 ? 1 : 0;
      row_total += weight;
    }
    total += row_total;
  }
  for (double& weight : targets.weights) weight /= total;
  return targets;
}

// Adds the line's - sum W log softmax(S) and its derivative (sum W) softmax(S) - W.
void add_line(std::span<const float> similarity, const Targets& targets, const Line& line, double& loss,
              std::vector<double>& gradient) {
  double weight_sum = 0;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0, cell = line.start; i < line.count; ++i, cell += line.stride) {
    if (targets.excluded[cell]) continue;
    weight_sum += targets.weights[cell];
    highest = std::max(highest, static_cast<double>(similarity[cell]));
  }
  if (weight_sum == 0) return;
  double normaliser = 0;
  for (std::size_t i = 0, cell = line.start; i < line.count; ++i, cell += line.stride)
    if (!targets.excluded[cell]) normaliser += std::exp(static_cast<double>(similarity[cell]) - highest);
  const double log_normaliser = highest + std::log(normaliser);
  for (std::size_t i = 0, cell = line.start; i < line.count; ++i, cell += line.stride) {
    if (targets.excluded[cell]) continue;
    const double log_probability = static_cast<double>(similarity[cell]) - log_normaliser;
    const double weight = targets.weights[cell];
    if (weight > 0) loss -= weight * log_probability;
    gradient[cell] += weight_sum * std::exp(log_probability) - weight;
  }
}

Status check(const Similarity& similarity, std::span<const Mixture> mixtures, std::span<const std::string> clip_keys,
             Positives positives) {
  const auto wrong = [](std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; };
  const std::string shape =
      "[" + std::to_string(similarity.audio_count) + ", " + std::to_string(similarity.text_count) + "]";
  if (similarity.values.empty()) return wrong("contrastive loss: the batch is empty, expected at least one pair");
  if (similarity.values.size() != similarity.audio_count * similarity.text_count)
    return wrong("contrastive loss: similarity has " + std::to_string(similarity.values.size()) +
                 " values, expected those of " + shape);
  if (mixtures.size() != similarity.audio_count)
    return wrong("contrastive loss: " + std::to_string(mixtures.size()) + " mixtures for a similarity of " + shape +
                 ", expected one a row");
  if (clip_keys.size() != similarity.text_count && !(clip_keys.empty() && positives == Positives::kDiagonal))
    return wrong("contrastive loss: " + std::to_string(clip_keys.size()) + " clip keys for a similarity of " + shape +
                 ", expected one a column");
  for (const Mixture& mixture : mixtures)
    if (mixture.own >= similarity.text_count || mixture.partner >= similarity.text_count ||
        !(mixture.lambda >= 0 && mixture.lambda <= 1))
      return wrong("contrastive loss: a mixture of texts " + std::to_string(mixture.own) + " and " +
                   std::to_string(mixture.partner) + " with lambda " + std::to_string(mixture.lambda) +
                   ", expected texts of " + shape + " and lambda in [0, 1]");
  for (std::size_t i = 0; i < similarity.values.size(); ++i)
    if (!std::isfinite(similarity.values[i]))
      return Error{ErrorCode::kNonFinite, "contrastive loss: similarity of row " +
                                              std::to_string(i / similarity.text_count) + " and column " +
                                              std::to_string(i % similarity.text_count) + " is not finite"};
  return {};
}

}  // namespace

Result<LossAndGradient> info_nce(const Similarity& similarity, std::span<const std::string> clip_keys,
                                 const LossSettings& settings) {
  if (similarity.audio_count != similarity.text_count)
    return Error{ErrorCode::kInvalidArgument, "contrastive loss: " + std::to_string(similarity.audio_count) +
                                                  " clips and " + std::to_string(similarity.text_count) +
                                                  " texts, expected as many of the one as of the other"};
  std::vector<Mixture> clean(similarity.audio_count);
  for (std::size_t i = 0; i < clean.size(); ++i) clean[i] = {.own = i, .partner = i, .lambda = 1.0};
  return mixco(similarity, clean, clip_keys, settings);
}

Result<LossAndGradient> mixco(const Similarity& similarity, std::span<const Mixture> mixtures,
                              std::span<const std::string> clip_keys, const LossSettings& settings) {
  if (Status status = check(similarity, mixtures, clip_keys, settings.positives); !status)
    return std::move(status).error();
  const std::size_t rows = similarity.audio_count;
  const std::size_t columns = similarity.text_count;
  const Targets targets = mixed_targets(mixtures, clip_numbers(clip_keys, columns), settings.positives);
  double loss = 0;
  std::vector<double> gradient(rows * columns, 0.0);
  for (std::size_t row = 0; row < rows; ++row)
    add_line(similarity.values, targets, {row * columns, 1, columns}, loss, gradient);
  for (std::size_t column = 0; column < columns; ++column)
    add_line(similarity.values, targets, {column, columns, rows}, loss, gradient);
  LossAndGradient result{settings.factor * loss, std::vector<float>(gradient.size())};
  std::transform(gradient.begin(), gradient.end(), result.gradient.begin(),
                 [&](double value) { return static_cast<float>(settings.factor * value); });
  return result;
}

}  // namespace earshot::retrieval
