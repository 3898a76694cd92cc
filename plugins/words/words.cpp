// words: a sentence to numbers of a hashed vocabulary, as the record `tokeniser` that the text encoder states says.
#include "earshot/text/words.h"

#include <memory>
#include <utility>

#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "earshot/text/tokens.h"

namespace {
using namespace earshot;

class Words final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("words", /*algorithm=*/1, "cuts a sentence into words of a hashed vocabulary")
        .input<Text>("text")
        .output<Tokens>("tokens", free_fact("tokeniser", text::Tokeniser{}.to_text()))
        .deterministic();
  }

  static Result<std::unique_ptr<Words>> create(const NoOptions&, const Setup& setup) {
    Result<text::Tokeniser> tokeniser = text::Tokeniser::parse(setup.fact("tokens", "tokeniser"));
    if (!tokeniser) return std::move(tokeniser).error();
    if (tokeniser->family != "words")
      return Error{ErrorCode::kUnsupported, "words: the text encoder wants tokens of family '" + tokeniser->family +
                                                "', this stage makes family 'words'"};
    return std::make_unique<Words>(*std::move(tokeniser));
  }
  explicit Words(text::Tokeniser tokeniser)
      : tokeniser_(std::make_shared<const text::Tokeniser>(std::move(tokeniser))) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    Result<std::vector<std::int32_t>> ids = text::tokenise_words(inputs.get<Text>("text").utf8(), *tokeniser_);
    if (!ids) return std::move(ids).error();
    return Outputs{Tokens(*std::move(ids), tokeniser_)};
  }

  Footprint footprint(const Footprint&) const override {
    return {.bytes = static_cast<std::int64_t>(sizeof(Tokens)) + 4 * static_cast<std::int64_t>(tokeniser_->max_tokens)};
  }

 private:
  std::shared_ptr<const text::Tokeniser> tokeniser_;
};

}  // namespace

EARSHOT_PLUGIN(Words)
