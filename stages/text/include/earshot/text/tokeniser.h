// Tokeniser: how a sentence becomes numbers of a vocabulary. Every choice that changes a number, as one record.
//
// The record's canonical text, `name=value name=value` with names in alphabetical order, is the fact `tokeniser` of a
// tokens port: a text encoder states it, the tokenising stage does as it says, the graph checker compares it as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "earshot/contract/result.h"

namespace earshot::text {

// What is done to a sentence before it is cut.
enum class Preparation : std::uint8_t {
  kPlain,  // lower case, the 32 ASCII punctuation characters deleted (CP-JKU 2023, DCASE 2025 baseline)
  kRaw,    // nothing
};

struct Tokeniser {
  std::string content;           // content id of the vocabulary's files; empty where the family has none
  std::int32_t end = 2;          // id put behind a sentence, -1: none; likewise the other four
  std::string family = "words";  // the algorithm: lower-case letters, digits and `_`
  std::int32_t mask = 4;         // id put in place of a token that is hidden in training
  std::int32_t max_tokens = 64;  // start and end included, 2..65536; what is beyond is cut, end is kept
  std::int32_t pad = 1;          // id that fills a batch up
  std::int32_t prefix = 3;       // family words: letters of a word's beginning that are a token too, 0..32, 0: none
  std::string path;              // the folder where these files are: no part of what is computed
  Preparation preparation = Preparation::kPlain;
  std::int32_t start = 0;          // id put before a sentence
  std::int32_t unk = 3;            // id of what the vocabulary does not have
  std::int32_t vocabulary = 8192;  // number of ids, specials included, 8..2^24

  friend bool operator==(const Tokeniser&, const Tokeniser&) = default;

  // Canonical text: every name but those of empty values; blanks, '=' and '%' of a path as %20, %3D, %25.
  [[nodiscard]] std::string to_text() const;
  // Names in any order, those left out keep their defaults, ranges checked.
  // Errors: kInvalidArgument naming the part that is wrong and what was expected.
  static Result<Tokeniser> parse(std::string_view text);
  // Whether the ranges above hold and the five ids differ. Errors: kInvalidArgument.
  [[nodiscard]] Status check() const;

  // Whether `id` is start, end, pad, unk or mask: never masked itself.
  [[nodiscard]] bool is_special(std::int32_t id) const noexcept;
  // The first id that stands for words: one above the highest special.
  [[nodiscard]] std::int32_t first_ordinary() const noexcept;
};

}  // namespace earshot::text
