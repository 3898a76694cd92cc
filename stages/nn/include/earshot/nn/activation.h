// The nonlinearities of perceptrons, by name; activate() in transformer.h computes them. No LibTorch.
#pragma once

#include <cstdint>

namespace earshot::nn {

enum class Activation : std::uint8_t {
  kGelu,      // x / 2 (1 + erf(x / sqrt(2))): Hendrycks and Gimpel 2016
  kGeluTanh,  // its approximation, x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  kRelu,
};

}  // namespace earshot::nn
