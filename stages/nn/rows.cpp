#include "earshot/nn/rows.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>

#include "earshot/nn/stored.h"

namespace earshot::nn {

std::span<const float> TensorEmbedding::values() const {
  const auto dim = static_cast<std::size_t>(batch_.size(1));
  return {batch_.const_data_ptr<float>() + static_cast<std::size_t>(row_) * dim, dim};
}

std::vector<Row> embedding_rows(const at::Tensor& batch, std::span<const Row> like) {
  const at::Tensor plain = batch.contiguous();
  std::vector<Row> rows;
  rows.reserve(like.size());
  for (const Row& row : like)
    rows.push_back(
        {row.id, row.related, std::make_shared<const TensorEmbedding>(plain, static_cast<std::int64_t>(rows.size()))});
  return rows;
}

namespace {

// The view of one tensor that `rows` are, in order; undefined where they are none.
at::Tensor as_view(std::span<const Row> rows) {
  const auto* first = dynamic_cast<const TensorEmbedding*>(rows.front().payload.get());
  if (first == nullptr) return {};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* row = dynamic_cast<const TensorEmbedding*>(rows[i].payload.get());
    if (row == nullptr || !row->batch().is_same(first->batch()) ||
        row->row() != first->row() + static_cast<std::int64_t>(i))
      return {};
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  return count == first->batch().size(0) ? first->batch() : first->batch().narrow(0, first->row(), count);
}

at::Tensor one_row(const Payload& payload) {
  if (const auto* row = dynamic_cast<const TensorEmbedding*>(&payload)) return row->batch().select(0, row->row());
  const std::span<const float> values = static_cast<const Embedding&>(payload).values();
  at::Tensor copy = at::empty({static_cast<std::int64_t>(values.size())}, at::kFloat);
  std::ranges::copy(values, values_of(copy).begin());
  return copy;
}

}  // namespace

at::Tensor stack_embeddings(std::span<const Row> rows) {
  if (at::Tensor view = as_view(rows); view.defined()) return view;
  std::vector<at::Tensor> copies;
  copies.reserve(rows.size());
  for (const Row& row : rows) copies.push_back(one_row(*row.payload));
  return at::stack(copies);
}

namespace {

// [clip, band, frame] of some of `clips`, all of `frames` frames.
at::Tensor batch_of(std::span<const FeatureMap> clips, const std::vector<std::size_t>& members, std::int64_t bands,
                    std::int64_t frames, bool pinned) {
  at::Tensor batch = at::empty({static_cast<std::int64_t>(members.size()), bands, frames},
                               at::TensorOptions(at::kFloat).pinned_memory(pinned));
  auto out = values_of(batch).begin();
  for (const std::size_t member : members) out = std::ranges::copy(clips[member].values, out).out;
  return batch;
}

// The rows of `encoded` brought into the order of `positions`, which say where each row belongs.
at::Tensor in_order(const at::Tensor& encoded, const std::vector<std::size_t>& positions) {
  if (std::ranges::is_sorted(positions)) return encoded;
  std::vector<std::int64_t> order(positions.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::sort(order, {}, [&](std::int64_t row) { return positions[static_cast<std::size_t>(row)]; });
  at::Tensor index = at::empty({encoded.size(0)}, at::kLong);
  std::ranges::copy(order, index.mutable_data_ptr<std::int64_t>());
  return encoded.index_select(0, index);
}

// Why a clip cannot be encoded; empty where it can.
std::string refusal(const FeatureMap& clip, const FeatureRange& range) {
  if (clip.frames > range.most_frames)
    return "a clip of " + std::to_string(clip.frames) + " frames is longer than " + std::to_string(range.most_frames) +
           ", the most that this encoder takes; put `windows` before it";
  if (clip.frames >= range.fewest_frames &&
      clip.values.size() == static_cast<std::size_t>(range.bands) * static_cast<std::size_t>(clip.frames))
    return {};
  return "expected at least " + std::to_string(range.fewest_frames) + " frames of " + std::to_string(range.bands) +
         " bands, there are " + std::to_string(clip.values.size()) + " values in " + std::to_string(clip.frames) +
         " frames";
}

}  // namespace

BatchOutputs encode_by_length(std::span<const Row> rows, std::span<const FeatureMap> clips, const FeatureRange& range,
                              bool pinned, const std::function<at::Tensor(const at::Tensor&, std::int64_t)>& forward) {
  BatchOutputs outputs;
  outputs.ports.resize(1);
  std::map<std::int64_t, std::vector<std::size_t>> by_length;
  std::vector<Row> encodable;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    if (std::string why = refusal(clips[i], range); !why.empty()) {
      outputs.failed_rows.emplace_back(rows[i].id, Error{ErrorCode::kInvalidArgument, std::move(why)});
      continue;
    }
    by_length[clips[i].frames].push_back(i);
    encodable.push_back({rows[i].id, rows[i].related, nullptr});
  }
  if (encodable.empty()) return outputs;
  std::vector<at::Tensor> encoded;
  std::vector<std::size_t> positions;
  for (const auto& [frames, members] : by_length) {
    encoded.push_back(
        forward(batch_of(clips, members, range.bands, frames, pinned), static_cast<std::int64_t>(positions.size())));
    positions.insert(positions.end(), members.begin(), members.end());
  }
  outputs.ports[0] =
      embedding_rows(in_order(encoded.size() == 1 ? encoded.front() : at::cat(encoded), positions), encodable);
  return outputs;
}

at::Tensor pad_tokens(std::span<const std::span<const std::int32_t>> sentences, std::int32_t padding) {
  std::size_t longest = 1;
  for (const auto& sentence : sentences) longest = std::max(longest, sentence.size());
  at::Tensor ids =
      at::full({static_cast<std::int64_t>(sentences.size()), static_cast<std::int64_t>(longest)}, padding, at::kLong);
  auto* out = ids.mutable_data_ptr<std::int64_t>();
  for (const auto& sentence : sentences) {
    std::ranges::copy(sentence, out);
    out += longest;
  }
  return ids;
}

}  // namespace earshot::nn
