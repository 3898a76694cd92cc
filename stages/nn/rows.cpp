#include "earshot/nn/rows.h"

#include <algorithm>
#include <map>
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

std::int64_t TensorEmbedding::bytes() const noexcept {
  return static_cast<std::int64_t>(sizeof(*this)) + batch_.size(1) * static_cast<std::int64_t>(sizeof(float));
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

at::Tensor encode_by_length(std::span<const FeatureMap> clips, std::int64_t bands,
                            const std::function<at::Tensor(const at::Tensor&)>& forward) {
  std::map<std::int64_t, std::vector<std::size_t>> by_length;
  for (std::size_t i = 0; i < clips.size(); ++i) by_length[clips[i].frames].push_back(i);
  std::vector<at::Tensor> encoded;
  std::vector<std::int64_t> place(clips.size());  // of each clip in the encoded rows
  std::int64_t done = 0;
  for (const auto& [frames, members] : by_length) {
    at::Tensor batch = at::empty({static_cast<std::int64_t>(members.size()), bands, frames}, at::kFloat);
    auto out = values_of(batch).begin();
    for (const std::size_t clip : members) {
      out = std::ranges::copy(clips[clip].values, out).out;
      place[clip] = done++;
    }
    encoded.push_back(forward(batch));
  }
  if (encoded.size() == 1) return encoded.front();
  at::Tensor order = at::empty({done}, at::kLong);
  std::ranges::copy(place, order.mutable_data_ptr<std::int64_t>());
  return at::cat(encoded).index_select(0, order);
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
