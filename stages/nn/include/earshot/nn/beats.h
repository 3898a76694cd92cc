// Beats: the network of BEATs (Chen et al. 2023), which is also the audio branch of VAST: patches read frame by frame,
// a convolution that tells positions apart, and blocks with a gated relative position bias and DeepNorm residuals.
// Source: microsoft/unilm, beats/BEATs.py and backbone.py; parameters have the names of its files. Compute lane only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/nn/loading.h"
#include "earshot/nn/patches.h"
#include "earshot/nn/transformer.h"

namespace earshot::nn {

class Beats {
 public:
  struct Shape {
    std::int64_t depth = 12;
    std::int64_t width = 768;  // a multiple of 64, the size of a head
    double dropout = 0;        // of the parts' outputs and before the blocks, in training
    double attention_dropout = 0;
    double layer_drop = 0;  // chance of a block to be left out of a training batch
  };
  // What the first dimension of tokens is: 512 in every published file.
  static constexpr std::int64_t kPatchWidth = 512;

  // How keys of files become the names of parameters, `prefixes` taken off: without the predictor of fine-tuned files
  // and without the copies of block 0's table of position biases.
  static KeyRules keys(std::vector<std::string> prefixes);

  Beats(Weights& weights, const Shape& shape);

  // [clip, mel, frame] -> [clip, token, width], token = (frame / 16) * (mel / 16 bands) + band; frames left over at the
  // end are dropped. `hidden` [clip, token] is true where a token is padding, which no other token sees.
  // Precondition: at least 16 frames and 16 bands.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& mel, const Draws& draws, const at::Tensor& hidden = {}) const;

 private:
  [[nodiscard]] at::Tensor with_positions(const at::Tensor& tokens) const;
  [[nodiscard]] at::Tensor position_bias(std::int64_t tokens) const;

  Shape shape_;
  Patches patches_;
  Norm patch_norm_;
  Linear widen_;
  at::Tensor position_bias_;       // [bucket, head]
  at::Tensor convolution_scale_;   // [1, 1, tap]
  at::Tensor convolution_kernel_;  // [width, width / 16, tap]
  at::Tensor convolution_bias_;
  Norm norm_;
  std::vector<TransformerBlock> blocks_;
};

}  // namespace earshot::nn
