// roberta: RoBERTa (Liu et al. 2019), base and large, as published or trained further: config.json says which. Source:
// transformers, models/roberta.
#include <cstdint>
#include <memory>

#include "earshot/contract/plugin.h"
#include "earshot/nn/text_encoder.h"
#include "earshot/nn/text_transformer.h"
#include "earshot/text/sentence_tokeniser.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

constexpr const char* kModelType = "roberta";

struct Options : nn::TextOptions {
  Options() { weights = "roberta-base"; }
};

class Roberta final : public nn::TextEncoder {
 public:
  static auto contract() {
    return nn::text_contract<Options>("roberta", /*algorithm=*/1, "RoBERTa, a text encoder pre-trained by masked words",
                                      {"first", "mean", "pooler"})
        .input<Tokens>("tokens", late_fact("tokeniser"))
        .output<Embedding>("embedding", late_fact("dim"));
  }

  static Result<WeightsInfo> weights(const Options& options) {
    const Result<nn::TextWeights> found = nn::find_text_weights(kModelType, options);
    if (!found.ok()) return found.error();
    const Result<text::Tokeniser> record = text::tokeniser_of_encoder(
        found->place.folder, "byte_pair", static_cast<std::int32_t>(found->folder.max_tokens), options.preparation);
    if (!record.ok()) return record.error();
    return found->info(record->to_text(), record->vocabulary);
  }

  static Result<std::unique_ptr<Roberta>> create(const Options& options, const Setup& setup) {
    const Result<text::Tokeniser> record = text::Tokeniser::parse(setup.fact("tokens", "tokeniser"));
    if (!record.ok()) return record.error();
    return start_text<Roberta>(kModelType, nn::text_keys("roberta."), /*pooling=*/"first",
                               {record->pad, record->vocabulary, record->max_tokens}, options, setup);
  }

  Roberta(const Setup& setup, nn::Loading* loading, const nn::TextShape& shape, const Reading& reading,
          const Options& options)
      : TextEncoder(setup, loading, shape, reading, options.chunk),
        network_(weights_, {.mpnet = false, .counts_from_padding = true}, shape,
                 {options.dropout, options.attention_dropout}) {}

  Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) override {
    const std::span<const Row> rows = inputs.rows("tokens");
    return encode_sentences(rows, nn::sentences<Tokens>(rows), context);
  }

  [[nodiscard]] std::int64_t padded_extent(const Payload& payload) const override {
    return filled_up(static_cast<const Tokens&>(payload).ids().size());
  }

 private:
  [[nodiscard]] at::Tensor tokens(const at::Tensor& ids, const at::Tensor& hidden,
                                  const nn::Draws& draws) const override {
    return network_(ids, hidden, reading().padding, draws);
  }

  nn::TextTransformer network_;
};

}  // namespace

EARSHOT_PLUGIN(Roberta)
