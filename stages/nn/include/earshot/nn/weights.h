// Weights: the parameters and buffers of one stage, and what the engine and an optimiser may do with them.
//
// Invariants: names are unique; a tensor returned by parameter() or buffer() shares memory with the one held here for
// the life of the stage, loading copies into it. All on the stage's own thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "earshot/contract/setup.h"
#include "earshot/contract/stage.h"
#include "earshot/nn/loading.h"
#include "earshot/nn/parameters.h"

namespace earshot::nn {

// Values that a new parameter starts with. Draws are counter-based, keyed by (seed, stage, parameter), so that adding a
// parameter changes no other.
struct Initial {
  enum class Kind : std::uint8_t { kConstant, kUniform };
  Kind kind = Kind::kConstant;
  double value = 0;  // the constant, or the bound b of U(-b, b)
};

inline Initial constant(double value) { return {Initial::Kind::kConstant, value}; }
// U(-b, b) with b = gain * sqrt(3 / fan_in): variance gain^2 / fan_in. Source: He et al. 2015, eq. 10; a gain of
// sqrt(2) goes before a ReLU.
Initial uniform_fan_in(std::int64_t fan_in, double gain = 1.0);

class Weights final : public State, public Parameters {
 public:
  // `setup.trainable` decides whether gradients are computed for the parameters, `setup.device` where they are.
  // With `loading`, which lives until the last parameter and buffer, these are taken from its files instead of drawn;
  // its finish() says whether all were there.
  explicit Weights(const Setup& setup, Loading* loading = nullptr);

  // A new float32 parameter [shape]. Precondition: `name` is new.
  at::Tensor parameter(std::string name, std::span<const std::int64_t> shape, const Initial& initial);
  // A new float32 tensor [shape] that is saved and averaged but not optimised: running statistics, fixed tables.
  // Preconditions: `name` is new; there are as many values as the shape has.
  at::Tensor buffer(std::string name, std::span<const std::int64_t> shape, std::span<const float> values);

  [[nodiscard]] bool trainable() const noexcept { return trainable_; }
  [[nodiscard]] std::span<const NamedTensor> parameters() const override { return parameters_; }

  // safetensors, the same for both scopes. Errors of the loads: kCorruptInput for bytes that are none,
  // kInvalidArgument naming the tensor that is missing, too many or of another shape; then nothing was changed.
  [[nodiscard]] Status save(Scope scope, const ByteSink& sink) const override;
  Status load(std::span<const std::byte> bytes, Scope scope) override;
  Status load_mean(std::span<const std::span<const std::byte>> saved) override;
  [[nodiscard]] std::string first_non_finite() const override;

 private:
  [[nodiscard]] std::vector<NamedTensor> everything() const;

  c10::Device device_;
  std::string stage_;
  std::uint64_t seed_;
  bool trainable_;
  Loading* loading_;  // not owned
  std::vector<NamedTensor> parameters_;
  std::vector<NamedTensor> buffers_;
};

}  // namespace earshot::nn
