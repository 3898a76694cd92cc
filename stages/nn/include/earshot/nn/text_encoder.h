// TextEncoder: the base of a stage whose network reads a sentence's tokens: weights from a Hugging Face folder or
// drawn, the options that all of them have, and how a sentence's tokens become one embedding. Compute lane only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <ATen/core/Tensor.h>

#include "earshot/contract/contract.h"
#include "earshot/contract/kept_rows.h"
#include "earshot/nn/encoder.h"
#include "earshot/nn/layers.h"
#include "earshot/nn/text_folder.h"

namespace earshot::nn {

// Options of every text encoder; a plugin's own derive from it and say which weights are the default.
struct TextOptions {
  std::string weights;
  std::optional<std::string> pooling;      // auto: as the folder declares, else the plugin's own
  std::optional<std::int64_t> max_tokens;  // auto: as the folder declares
  std::string preparation = "raw";
  double dropout = 0.1;
  double attention_dropout = 0.1;
  std::int64_t chunk = 0;
  std::int64_t depth = 12;  // of drawn weights, likewise the width
  std::int64_t width = 768;
};

// Weights that were found, and what they say.
struct TextWeights {
  WeightsPlace place;
  TextFolder folder;  // of drawn weights: the sizes that were asked for

  // With the facts `dim`, and `tokeniser`, the record's text. Errors: kInvalidArgument where the record has more ids
  // than the network.
  [[nodiscard]] Result<WeightsInfo> info(const std::string& tokeniser, std::int64_t vocabulary) const;
};

// Looks at names and small files only. Errors: those of find_weights(), read_text_folder() and drawn_text_shape();
// kInvalidArgument for more `max_tokens` than there are positions.
Result<TextWeights> find_text_weights(const std::string& model_type, const TextOptions& options);

// The options above as a plugin declares them; input `tokens` and output `embedding` are the plugin's.
template <class Options>
Contract<Options> text_contract(const char* name, std::int64_t algorithm, const char* sentence,
                                std::vector<std::string> poolings) {
  const auto own = []<class Member>(Member TextOptions::*member) -> Member Options::* { return member; };
  Contract<Options> contract(name, algorithm, sentence);
  contract
      .option(own(&TextOptions::weights), "weights",
              "\"random\", a name of data/weights.toml, or a folder as Hugging Face publishes models")
      .option(own(&TextOptions::pooling), "pooling", choices(std::move(poolings)),
              "which embedding stands for the sentence; auto: as the folder declares it, else as its reference does")
      .option(own(&TextOptions::max_tokens), "max_tokens", range(2, 65536),
              "of a sentence, start and end included; auto: as the folder declares it, else as many as it can")
      .option(own(&TextOptions::preparation), "preparation", choices({"raw", "plain"}),
              "of a sentence before it is cut; plain: lower case without ASCII punctuation")
      .option(own(&TextOptions::dropout), "dropout", range(0, 0.9), "of embeddings and each part's output, in training")
      .option(own(&TextOptions::attention_dropout), "attention_dropout", range(0, 0.9),
              "of attention weights, in training")
      .option(own(&TextOptions::chunk), "chunk", range(0, 65536), no_effect(),
              "sentences whose activations exist at a time in training; 0: all")
      .option(own(&TextOptions::depth), "depth", range(1, 96), "blocks, where weights are drawn")
      .option(own(&TextOptions::width), "width", range(64, 16384),
              "of a token and of the embedding, where weights are drawn; a multiple of 64");
  contract.numeric().compute_lane().trainable().any_device().offers(kParametersCapability);
  return contract;
}

class TextEncoder : public Encoder, public KeptRows {
 public:
  // Sentences are filled up to a multiple of it, so that few shapes occur.
  static constexpr std::int64_t kTokenStep = 8;

  // What the tokeniser's record says to a network.
  struct Record {
    std::int32_t padding = 0;
    std::int64_t vocabulary = 0;  // ids that may occur
    std::int64_t max_tokens = 0;
  };

  // A T(setup, loading, TextShape, Reading, options) with weights found as `options` say, its keys under `rules`;
  // `pooling` is the plugin's own. Errors: those of find_text_weights() and start_with(); kInvalidArgument for a record
  // that the network cannot read.
  template <class T, class Options>
  static Result<std::unique_ptr<T>> start_text(const std::string& model_type, const KeyRules& rules,
                                               const std::string& pooling, const Record& record, const Options& options,
                                               const Setup& setup) {
    Result<TextWeights> found = find_text_weights(model_type, options);
    if (!found.ok()) return std::move(found).error();
    if (const Status fits = check_record(*found, record); !fits.ok()) return fits.error();
    if (found->place.drawn()) {
      found->folder.shape.vocabulary = record.vocabulary;
      found->folder.shape.padding = record.padding;
    }
    return start_with<T>(options.weights, rules, setup, found->folder.shape,
                         resolve(found->folder, pooling, options.pooling), options);
  }

  void* capability(std::string_view name) override {
    return name == kKeptRowsCapability ? static_cast<KeptRows*>(this) : Encoder::capability(name);
  }

 protected:
  // How tokens become one embedding.
  struct Reading {
    std::string pooling;       // "first", "mean", or "pooler": tanh(W token 0 + b)
    bool unit_length = false;  // as sentence-transformers' module Normalize
    std::int32_t padding = 0;
  };

  TextEncoder(const Setup& setup, Loading* loading, const TextShape& shape, Reading reading, std::int64_t chunk);

  // What a sentence of `tokens` is filled up to.
  static std::int64_t filled_up(std::size_t tokens);

  // The embeddings of `sentences` under the ids of `rows`. Precondition: sentences[i] is of rows[i], its ids as the
  // record allows.
  Result<BatchOutputs> encode_sentences(std::span<const Row> rows,
                                        std::span<const std::span<const std::int32_t>> sentences,
                                        const Context& context);

  [[nodiscard]] const Reading& reading() const noexcept { return reading_; }

 private:
  // [row, token] int64 -> [row, token, width]. `hidden` [row, token] is true where a row is filled up.
  [[nodiscard]] virtual at::Tensor tokens(const at::Tensor& ids, const at::Tensor& hidden,
                                          const Draws& draws) const = 0;
  [[nodiscard]] at::Tensor forward(const at::Tensor& batch, const Draws& draws) const final;

  static Reading resolve(const TextFolder& folder, const std::string& own, const std::optional<std::string>& asked);
  static Status check_record(const TextWeights& weights, const Record& record);

  Reading reading_;
  std::optional<Linear> pooler_;
};

}  // namespace earshot::nn
