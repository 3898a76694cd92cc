// Encoder: the base of a stage whose network turns every row of a batch into one embedding: its weights with what the
// engine and an optimiser do with them, rows in and out, device, precision and gradient cache. Compute lane only.
//
//   class Cnn final : public nn::Encoder {
//     Cnn(const Setup& setup, ...) : Encoder(setup, {.dim = 512}), frame_(weights_, "frame", 64, 512) {}
//     Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
//       return encode(inputs.rows("mel"), nn::feature_maps<Mel>(inputs.rows("mel")), {.bands = 64}, context);
//     }
//     at::Tensor forward(const at::Tensor& mel, const nn::Draws& draws) const override;
//   };
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <ATen/core/Tensor.h>

#include "earshot/contract/stage.h"
#include "earshot/nn/compute.h"
#include "earshot/nn/draws.h"
#include "earshot/nn/loading.h"
#include "earshot/nn/rows.h"
#include "earshot/nn/weights.h"
#include "earshot/nn/weights_place.h"

namespace earshot::nn {

class Encoder : public BatchMap {
 public:
  struct Shape {
    std::int64_t dim = 0;    // of the embedding
    std::int64_t chunk = 0;  // rows whose activations exist at a time in training; 0: all (gradient_cache.h)
  };

  // A T(setup, arguments...), once the device that it asks for is known to be there. Errors: those of device_of(), and
  // what LibTorch says where it throws.
  template <class T, class... Arguments>
  static Result<std::unique_ptr<T>> start(const Setup& setup, const Arguments&... arguments) {
    if (const Result<c10::Device> device = device_of(setup); !device.ok()) return device.error();
    std::unique_ptr<T> made;
    const Status done =
        compute(setup.compute_threads, Gradients::kOff, [&] { made = std::make_unique<T>(setup, arguments...); });
    if (!done.ok()) return done.error();
    return made;
  }
  // A T(setup, loading, arguments...) with published weights: `weights` as weights_place.h has it, under `rules`. Where
  // they are to be drawn, `loading` is null. Errors: also those of find_weights(), WeightFiles and Loading.
  template <class T, class... Arguments>
  static Result<std::unique_ptr<T>> start_with(const std::string& weights, const KeyRules& rules, const Setup& setup,
                                               const Arguments&... arguments) {
    Result<std::optional<Loading>> loading = open_weights(weights, rules);
    if (!loading.ok()) return std::move(loading).error();
    Loading* const files = *loading ? &**loading : nullptr;
    Result<std::unique_ptr<T>> made = start<T>(setup, files, arguments...);
    if (!made.ok() || files == nullptr) return made;
    if (Status all = files->finish(); !all.ok()) return std::move(all).error();
    return made;
  }

  State* state() override { return &weights_; }
  void* capability(std::string_view name) override {
    return name == kParametersCapability ? static_cast<Parameters*>(&weights_) : nullptr;
  }
  [[nodiscard]] Footprint footprint(const Footprint&) const override {
    return TensorEmbedding::footprint_of(shape_.dim);
  }

 protected:
  // Precondition: device_of(setup) is there. `loading` as Weights takes it.
  Encoder(const Setup& setup, const Shape& shape, Loading* loading = nullptr);

  // The embeddings of `clips`, each length apart (rows.h), as the one output. Precondition: clips[i] is of rows[i].
  Result<BatchOutputs> encode(std::span<const Row> rows, std::span<const FeatureMap> clips, const FeatureRange& range,
                              const Context& context);
  // The embeddings of `sentences`, filled up with `padding`. Precondition: sentences[i] is of rows[i].
  Result<BatchOutputs> encode(std::span<const Row> rows, std::span<const std::span<const std::int32_t>> sentences,
                              std::int32_t padding, const Context& context);

  Weights weights_;

 private:
  // [row, band, frame] float32 or [row, token] int64, on the device -> [row, dim]. No row depends on another, unless
  // the stage never sets a chunk. Gradients are on in training only.
  [[nodiscard]] virtual at::Tensor forward(const at::Tensor& batch, const Draws& draws) const = 0;

  // forward() of a batch on the CPU, in chunks and in the stage's precision, back on the CPU as float32.
  [[nodiscard]] at::Tensor run(const at::Tensor& batch, const Draws& draws) const;

  static Result<std::optional<Loading>> open_weights(const std::string& weights, const KeyRules& rules);

  Shape shape_;
  int threads_;
  c10::Device device_;
  std::string precision_;
};

// What the engine wants to know of `weights` (WeightsInfo) where they decide no fact.
Result<WeightsInfo> weights_info(const std::string& weights);

}  // namespace earshot::nn
