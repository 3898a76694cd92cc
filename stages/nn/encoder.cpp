#include "earshot/nn/encoder.h"

#include "earshot/nn/gradient_cache.h"

namespace earshot::nn {

Encoder::Encoder(const Setup& setup, const Shape& shape, Loading* loading)
    : weights_(setup, loading),
      shape_(shape),
      threads_(setup.compute_threads),
      device_(setup.device),
      precision_(setup.precision) {}

Result<std::optional<Loading>> Encoder::open_weights(const std::string& weights, const KeyRules& rules) {
  const Result<WeightsPlace> place = find_weights(weights);
  if (!place.ok()) return place.error();
  if (place->drawn()) return std::optional<Loading>();
  Result<WeightFiles> files = WeightFiles::open(place->files);
  if (!files.ok()) return std::move(files).error();
  return std::optional<Loading>(std::in_place, std::move(files).value(), rules);
}

Result<WeightsInfo> weights_info(const std::string& weights) {
  const Result<WeightsPlace> place = find_weights(weights);
  if (!place.ok()) return place.error();
  return place->info();
}

at::Tensor Encoder::run(const at::Tensor& batch, const Draws& draws) const {
  const RowsNetwork network = [this, draws](const at::Tensor& rows, std::int64_t first_row) {
    at::Tensor output;
    in_precision(device_, precision_, [&] {
      output = forward(rows.to(device_, rows.scalar_type(), /*non_blocking=*/true), draws.from_row(first_row));
    });
    return output.to(at::kCPU, at::kFloat);
  };
  return in_chunks(batch, weights_.trainable() ? shape_.chunk : 0, network);
}

Result<BatchOutputs> Encoder::encode(std::span<const Row> rows, std::span<const FeatureMap> clips,
                                     const FeatureRange& range, const Context& context) {
  const Draws draws(context, context.training && weights_.trainable());
  BatchOutputs outputs;
  const Status done = compute(threads_, Gradients{context.training}, [&] {
    outputs = encode_by_length(
        rows, clips, range, device_.is_cuda(),
        [&](const at::Tensor& batch, std::int64_t first_row) { return run(batch, draws.from_row(first_row)); });
  });
  if (!done.ok()) return done.error();
  return outputs;
}

Result<BatchOutputs> Encoder::encode(std::span<const Row> rows,
                                     std::span<const std::span<const std::int32_t>> sentences, std::int32_t padding,
                                     const Context& context) {
  const Draws draws(context, context.training && weights_.trainable());
  BatchOutputs outputs;
  outputs.ports.resize(1);
  if (rows.empty()) return outputs;
  const Status done = compute(threads_, Gradients{context.training}, [&] {
    outputs.ports[0] = embedding_rows(run(pad_tokens(sentences, padding), draws), rows);
  });
  if (!done.ok()) return done.error();
  return outputs;
}

}  // namespace earshot::nn
