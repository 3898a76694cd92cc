// TextTransformer: the network of BERT (Devlin et al. 2019), RoBERTa (Liu et al. 2019) and MPNet (Song et al. 2020):
// words and positions, normalised, then blocks with the norm after. Source: transformers, models bert, roberta, mpnet;
// parameters have the names of its files without their prefix. Compute lane only.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "earshot/nn/loading.h"
#include "earshot/nn/text_folder.h"
#include "earshot/nn/transformer.h"

namespace earshot::nn {

class TextTransformer {
 public:
  struct Names {
    bool mpnet = false;               // "attention.attn.q" in place of "attention.self.query"
    bool counts_from_padding = true;  // positions: the n-th token that is no padding has number n + padding's id
  };
  struct Dropout {
    double parts = 0;      // of embeddings and of the parts' outputs, in training
    double attention = 0;  // of attention weights
  };

  TextTransformer(Weights& weights, const Names& names, const TextShape& shape, const Dropout& dropout);

  // [row, token] int64 -> [row, token, width]. `hidden` [row, token] is true where a token fills a row up, which no
  // other token sees. `padding` is the padding's id.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& ids, const at::Tensor& hidden, std::int32_t padding,
                                      const Draws& draws) const;

 private:
  [[nodiscard]] at::Tensor positions_of(const at::Tensor& ids, std::int32_t padding) const;

  Names names_;
  Dropout dropout_;
  std::int64_t max_distance_;
  at::Tensor words_;          // [id, width]
  at::Tensor positions_;      // [position, width]
  at::Tensor types_;          // [type, width]; undefined: none
  at::Tensor position_bias_;  // [bucket, head]; undefined: none
  Norm norm_;
  std::vector<TransformerBlock> blocks_;
};

// The keys of these families' files: prefixes and the heads of pre-training taken off.
KeyRules text_keys(const char* prefix);

// What is added to the scores of one sequence of `tokens`, [head, query, key], from a table [bucket, head].
at::Tensor position_bias(const at::Tensor& table, std::int64_t tokens, std::int64_t max_distance);

}  // namespace earshot::nn
