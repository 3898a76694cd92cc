#include "earshot/nn/text_encoder.h"

#include <algorithm>

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/tanh.h>

#include "earshot/nn/transformer.h"

namespace earshot::nn {
namespace {

constexpr std::int32_t kFilled = -1;  // no id of any vocabulary
constexpr std::int64_t kDrawnTokens = 64;
constexpr double kShortest = 1e-12;  // a zero embedding stays zero instead of becoming NaN

}  // namespace

Result<TextWeights> find_text_weights(const std::string& model_type, const TextOptions& options) {
  Result<WeightsPlace> place = find_weights(options.weights);
  if (!place.ok()) return std::move(place).error();
  TextWeights found{.place = *std::move(place), .folder = {}};
  std::int64_t most = 0;
  if (found.place.drawn()) {
    const Result<TextShape> shape = drawn_text_shape(model_type, options.depth, options.width);
    if (!shape.ok()) return shape.error();
    found.folder.shape = *shape;
    most = 512;
    found.folder.max_tokens = kDrawnTokens;
  } else {
    Result<TextFolder> read = read_text_folder(found.place.folder, model_type);
    if (!read.ok()) return std::move(read).error();
    found.folder = *std::move(read);
    most = found.folder.most_tokens;
  }
  if (options.max_tokens.value_or(0) > most)
    return Error{ErrorCode::kInvalidArgument, model_type + ": max_tokens = " + std::to_string(*options.max_tokens) +
                                                  ", but it has positions for " + std::to_string(most)};
  found.folder.max_tokens = options.max_tokens.value_or(found.folder.max_tokens);
  return found;
}

Result<WeightsInfo> TextWeights::info(const std::string& tokeniser, std::int64_t vocabulary) const {
  if (!place.drawn() && vocabulary > folder.shape.vocabulary)
    return Error{ErrorCode::kInvalidArgument, "the vocabulary in " + place.folder.string() + " has " +
                                                  std::to_string(vocabulary) + " ids, config.json says " +
                                                  std::to_string(folder.shape.vocabulary)};
  WeightsInfo info = place.info();
  info.files.insert(info.files.end(), folder.files.begin(), folder.files.end());
  info.facts["tokens"]["tokeniser"] = tokeniser;
  info.facts["embedding"]["dim"] = std::to_string(folder.shape.width);
  return info;
}

TextEncoder::TextEncoder(const Setup& setup, Loading* loading, const TextShape& shape, Reading reading,
                         std::int64_t chunk)
    : Encoder(setup, {.dim = shape.width, .chunk = chunk}, loading), reading_(std::move(reading)) {
  if (reading_.pooling == "pooler") pooler_.emplace(weights_, "pooler.dense", shape.width, shape.width);
}

TextEncoder::Reading TextEncoder::resolve(const TextFolder& folder, const std::string& own,
                                          const std::optional<std::string>& asked) {
  const std::string declared = folder.pooling.empty() ? own : folder.pooling;
  return {.pooling = asked.value_or(declared), .unit_length = folder.unit_length, .padding = folder.shape.padding};
}

Status TextEncoder::check_record(const TextWeights& weights, const Record& record) {
  const std::int64_t rows = weights.place.drawn() ? record.vocabulary : weights.folder.shape.vocabulary;
  if (record.vocabulary <= rows && record.max_tokens <= weights.folder.max_tokens) return {};
  return Error{ErrorCode::kInvalidArgument, "its tokens are " + std::to_string(record.max_tokens) + " of " +
                                                std::to_string(record.vocabulary) + " ids, the network reads " +
                                                std::to_string(weights.folder.max_tokens) + " of " +
                                                std::to_string(rows)};
}

std::int64_t TextEncoder::filled_up(std::size_t tokens) {
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(tokens), 1);
  return (count + kTokenStep - 1) / kTokenStep * kTokenStep;
}

Result<BatchOutputs> TextEncoder::encode_sentences(std::span<const Row> rows,
                                                   std::span<const std::span<const std::int32_t>> sentences,
                                                   const Context& context) {
  return encode(rows, sentences, kFilled, context);
}

at::Tensor TextEncoder::forward(const at::Tensor& batch, const Draws& draws) const {
  const std::int64_t filled = filled_up(static_cast<std::size_t>(batch.size(1))) - batch.size(1);
  const at::Tensor all_ids = filled > 0 ? at::constant_pad_nd(batch, {0, filled}, kFilled) : batch;
  at::Tensor hidden = all_ids.eq(kFilled);
  const at::Tensor ids = all_ids.masked_fill(hidden, reading_.padding);
  // A sentence without tokens is read as one padding: attention needs something to look at.
  hidden.select(1, 0).fill_(false);
  // The same kernels whether or not a row is filled up: what its neighbours are decides no bit.
  const at::Tensor all = tokens(ids, hidden, draws);
  at::Tensor one;
  if (reading_.pooling == "mean")
    one = mean_over_tokens(all, hidden.logical_not());
  else
    one = pooler_ ? at::tanh((*pooler_)(all.select(1, 0))) : all.select(1, 0);
  if (!reading_.unit_length) return one;
  return one.div(one.norm(2, {1}, /*keepdim=*/true).clamp_min(kShortest));
}

}  // namespace earshot::nn
