// The tokeniser family `wordpiece`: BERT's (Devlin et al. 2019; Wu et al. 2016). Text is cleaned, lower-cased without
// accents where the files say so, cut at white space and around punctuation and ideographs; each word then becomes the
// longest tokens that fit, from the left, those after the first marked "##"; a word that does not come out even, or is
// longer than 100 characters, is unknown.
// Source: huggingface/tokenizers, BertNormalizer, BertPreTokenizer, WordPiece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/text/model.h"
#include "vocabulary.h"

namespace earshot::text {

class WordPiece final : public Model {
 public:
  struct Rules {
    bool lower_case = true;
    bool strip_accents = true;
    bool split_ideographs = true;
  };
  WordPiece(const Vocabulary& tokens, std::int32_t unknown, const Rules& rules);

  void cut(std::string_view text, std::vector<std::int32_t>& ids) const override;

 private:
  [[nodiscard]] std::u32string normalise(std::string_view text) const;
  void cut_word(std::string_view word, std::size_t characters, std::vector<std::int32_t>& ids) const;

  Vocabulary beginnings_;
  Vocabulary continuations_;  // without their "##"
  std::size_t longest_ = 0;   // token, in bytes
  std::int32_t unknown_;
  Rules rules_;
};

}  // namespace earshot::text
