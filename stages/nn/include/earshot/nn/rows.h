// Rows of a batch as one tensor and back. An embedding that comes out of a network is a row of a shared [row, dim]
// tensor, so that the next stage gets the whole batch back without a copy and gradients flow through it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/contract/embedding.h"
#include "earshot/contract/stage.h"

namespace earshot::nn {

// One row of a batch tensor, which it keeps alive together with the graph behind it.
class TensorEmbedding final : public Embedding {
 public:
  // Preconditions: `batch` is float32, contiguous, on the CPU, [row, dim], and has that row.
  TensorEmbedding(at::Tensor batch, std::int64_t row) : batch_(std::move(batch)), row_(row) {}

  [[nodiscard]] const at::Tensor& batch() const noexcept { return batch_; }
  [[nodiscard]] std::int64_t row() const noexcept { return row_; }
  [[nodiscard]] std::span<const float> values() const override;
  // Its share of the batch.
  [[nodiscard]] std::int64_t bytes() const noexcept override { return footprint_of(batch_.size(1)).bytes; }
  static Footprint footprint_of(std::int64_t dim) noexcept {
    return {.bytes =
                static_cast<std::int64_t>(sizeof(TensorEmbedding)) + dim * static_cast<std::int64_t>(sizeof(float))};
  }

 private:
  at::Tensor batch_;
  std::int64_t row_;
};

// The rows of `batch` [row, dim] under the ids of `like`. Precondition: as many rows as `like` has.
std::vector<Row> embedding_rows(const at::Tensor& batch, std::span<const Row> like);

// [row, dim] of rows whose payloads are embeddings of one width. Consecutive rows of one tensor are a view of it, all
// others are copied; gradients flow in both cases. Precondition: at least one row.
at::Tensor stack_embeddings(std::span<const Row> rows);

// One spectrogram or other feature map, [band, frame], not owned.
struct FeatureMap {
  std::span<const float> values;
  std::int64_t frames = 0;
};

// The spectrograms of `rows`. Precondition: every payload is a `Spectrogram`, a type with values() and frames().
template <class Spectrogram>
std::vector<FeatureMap> feature_maps(std::span<const Row> rows) {
  std::vector<FeatureMap> maps;
  for (const Row& row : rows) {
    const auto& one = static_cast<const Spectrogram&>(*row.payload);
    maps.push_back({one.values(), one.frames()});
  }
  return maps;
}

// What a network accepts of a feature map.
struct FeatureRange {
  std::int64_t bands = 0;
  std::int64_t fewest_frames = 1;
  std::int64_t most_frames = std::numeric_limits<std::int64_t>::max();
};

// The embeddings of `clips` under the ids of `rows`, as the one output of a batch map. Calls `forward`, [clip, band,
// frame] -> [clip, dim], once for each number of frames that occurs, in ascending order: nothing is padded, so that no
// clip's embedding depends on the length of another. Also given the number of clips of earlier calls. A clip outside
// `range` is a failed row. Precondition: clips[i] belongs to rows[i].
// `pinned`: `forward` gets batches in memory that a GPU copies by itself.
BatchOutputs encode_by_length(std::span<const Row> rows, std::span<const FeatureMap> clips, const FeatureRange& range,
                              bool pinned, const std::function<at::Tensor(const at::Tensor&, std::int64_t)>& forward);

// The ids of `rows`. Precondition: every payload is a `Sentence`, a type with ids().
template <class Sentence>
std::vector<std::span<const std::int32_t>> sentences(std::span<const Row> rows) {
  std::vector<std::span<const std::int32_t>> all;
  for (const Row& row : rows) all.push_back(static_cast<const Sentence&>(*row.payload).ids());
  return all;
}

// [row, token] int64 of sentences of different length, filled up with `padding` at the end; at least one token wide.
at::Tensor pad_tokens(std::span<const std::span<const std::int32_t>> sentences, std::int32_t padding);

}  // namespace earshot::nn
