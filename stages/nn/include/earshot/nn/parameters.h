// Parameters: the capability "earshot.nn.parameters/1". Encoders, projections and losses with a temperature offer it,
// optimisers want it; the engine hands it over unread as a `Parameters*`.
#pragma once

#include <span>
#include <string>

#include <ATen/core/Tensor.h>

namespace earshot::nn {

inline constexpr const char* kParametersCapability = "earshot.nn.parameters/1";

struct NamedTensor {
  std::string name;   // unique in its stage: "conv0.weight"
  at::Tensor tensor;  // of a parameter: a leaf; requires_grad() says whether it is trained
};

// Used on the compute lane only.
class Parameters {
 public:
  Parameters() = default;
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;
  virtual ~Parameters() = default;

  // In a fixed order; valid while the stage lives.
  [[nodiscard]] virtual std::span<const NamedTensor> parameters() const = 0;
};

}  // namespace earshot::nn
