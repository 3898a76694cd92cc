// SentenceTokeniser: sentences to ids as a Tokeniser record says, whatever its family. Const and safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/text/model.h"
#include "earshot/text/tokeniser.h"

namespace earshot::text {

// The record of the vocabulary in `folder`: family byte_pair, wordpiece or unigram, its specials' ids, how many ids it
// has, the files' content and where they are. `max_tokens` and `preparation` are the caller's. Reads the whole
// vocabulary. Errors: kNotFound naming the files that were expected; kCorruptInput; kInvalidArgument where specials are
// missing.
Result<Tokeniser> tokeniser_in(const std::filesystem::path& folder, const std::string& family);

// The record that a text encoder with weights in `folder` states: that of its vocabulary, or, where `folder` is empty
// because weights are drawn, of hashed words. Errors: those of tokeniser_in().
Result<Tokeniser> tokeniser_of_encoder(const std::filesystem::path& folder, const std::string& family,
                                       std::int32_t max_tokens, const std::string& preparation);

class SentenceTokeniser {
 public:
  // Reads the record's vocabulary, if its family has one. Errors: those of tokeniser_in(); kUnsupported for another
  // family; kCorruptInput where the files are no longer those that the record was made from.
  static Result<SentenceTokeniser> open(const Tokeniser& record);

  [[nodiscard]] const Tokeniser& record() const noexcept { return record_; }
  // Ids [token]: start, text, end, at most max_tokens; an empty sentence is start and end. Specials that the text
  // itself writes ("</s>") are taken for what they are, as the references do. Errors: kCorruptInput for bytes that are
  // no UTF-8.
  [[nodiscard]] Result<std::vector<std::int32_t>> operator()(std::string_view utf8) const;

 private:
  // A token that is found in the text before anything else is done to it.
  struct Special {
    std::string text;
    std::int32_t id = 0;
    bool takes_blanks = false;  // before it
  };
  explicit SentenceTokeniser(Tokeniser record) : record_(std::move(record)) {}
  Status open_unigram();
  Status open_vocabulary();
  void add_specials(const auto& id_of);
  [[nodiscard]] const Special* special_at(std::string_view text, std::size_t at) const;

  Tokeniser record_;
  std::unique_ptr<const Model> model_;
  std::vector<Special> specials_;  // longest first
};

}  // namespace earshot::text
