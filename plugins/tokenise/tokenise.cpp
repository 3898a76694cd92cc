// tokenise: a sentence to numbers of a vocabulary, as the record `tokeniser` that the text encoder states says.
#include <memory>
#include <utility>

#include "earshot/contract/plugin.h"
#include "earshot/text/sentence_tokeniser.h"
#include "earshot/text/text.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

class Tokenise final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("tokenise", /*algorithm=*/1, "cuts a sentence into tokens of the encoder's vocabulary")
        .input<Text>("text")
        .output<Tokens>("tokens", free_fact("tokeniser", text::Tokeniser{}.to_text()))
        .deterministic();
  }

  static Result<std::unique_ptr<Tokenise>> create(const NoOptions&, const Setup& setup) {
    Result<text::Tokeniser> record = text::Tokeniser::parse(setup.fact("tokens", "tokeniser"));
    if (!record) return std::move(record).error();
    Result<text::SentenceTokeniser> tokeniser = text::SentenceTokeniser::open(*record);
    if (!tokeniser) return std::move(tokeniser).error();
    return std::make_unique<Tokenise>(*std::move(tokeniser));
  }
  explicit Tokenise(text::SentenceTokeniser tokeniser)
      : tokenise_(std::move(tokeniser)), record_(std::make_shared<const text::Tokeniser>(tokenise_.record())) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    Result<std::vector<std::int32_t>> ids = tokenise_(inputs.get<Text>("text").utf8());
    if (!ids) return std::move(ids).error();
    return Outputs{Tokens(*std::move(ids), record_)};
  }

  Footprint footprint(const Footprint&) const override {
    return {.bytes = static_cast<std::int64_t>(sizeof(Tokens)) + 4 * static_cast<std::int64_t>(record_->max_tokens)};
  }

 private:
  text::SentenceTokeniser tokenise_;
  std::shared_ptr<const text::Tokeniser> record_;
};

}  // namespace

EARSHOT_PLUGIN(Tokenise)
