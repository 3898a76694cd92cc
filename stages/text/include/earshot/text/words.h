// The tokeniser family `words`: a hashed vocabulary that needs no fitting pass and no file.
//
// A sentence is prepared and cut at white space. A word's id is first_ordinary + XXH3(word) modulo the number of
// ordinary ids (the hashing trick, Weinberger et al. 2009): words may share an id, none is unknown. With prefix = n
// each word is followed by a token for its first n letters, hashed apart from words, so that `dog` and `dogs` share
// one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/text/tokeniser.h"

namespace earshot::text {

// Ids [token] of a sentence: start, words, end, at most max_tokens. An empty sentence is start and end. Pure function.
// Precondition: tokeniser.check(). Errors: kCorruptInput for bytes that are no UTF-8.
Result<std::vector<std::int32_t>> tokenise_words(std::string_view utf8, const Tokeniser& tokeniser);

}  // namespace earshot::text
