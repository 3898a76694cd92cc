// Weights that everybody can draw: a value of each parameter from its name and place, so that check values of reference
// networks need no file. The generator is that of the test wave.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "earshot/nn/parameters.h"
#include "earshot/nn/stored.h"
#include "test_wave.h"

namespace earshot::testing {

// Value k of a tensor: u(k, h) with h the sum of the bytes of its name; scales are 1 + 0.2 u, position biases 2 u,
// everything else 0.1 u.
inline void draw_values(const std::string& name, std::size_t axes, std::span<float> values) {
  std::uint32_t h = 0;
  for (const char letter : name) h += static_cast<unsigned char>(letter);
  const bool scale = (axes == 1 && name.ends_with(".weight")) || name.ends_with("weight_g") || name.ends_with("grep_a");
  const bool position = name.find("relative_attention_bias") != std::string::npos;
  const double factor = scale ? 0.2 : position ? 2 : 0.1;
  std::uint32_t k = 0;
  for (float& value : values) value = static_cast<float>((scale ? 1 : 0) + factor * u(k++, h));
}

inline void draw_weights(std::span<const nn::NamedTensor> parameters) {
  for (const nn::NamedTensor& one : parameters)
    draw_values(one.name, static_cast<std::size_t>(one.tensor.dim()), nn::values_of(one.tensor));
}

}  // namespace earshot::testing
