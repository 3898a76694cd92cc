// Rows of a batch as one tensor and back. An embedding that comes out of a network is a row of a shared [row, dim]
// tensor, so that the next stage gets the whole batch back without a copy and gradients flow through it.
#pragma once

#include <cstdint>
#include <functional>
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

// The embeddings of `clips` under the ids of `rows`, as the one output of a batch map. Calls `forward`, [clip, band,
// frame] -> [clip, dim], once for each number of frames that occurs, in ascending order: nothing is padded, so that no
// clip's embedding depends on the length of another. A clip without frames, or of another number of bands, is a failed
// row. Precondition: clips[i] belongs to rows[i].
BatchOutputs encode_by_length(std::span<const Row> rows, std::span<const FeatureMap> clips, std::int64_t bands,
                              const std::function<at::Tensor(const at::Tensor&)>& forward);

// [row, token] int64 of sentences of different length, filled up with `padding` at the end; at least one token wide.
at::Tensor pad_tokens(std::span<const std::span<const std::int32_t>> sentences, std::int32_t padding);

}  // namespace earshot::nn
