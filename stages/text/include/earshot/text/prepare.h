// Preparation of a sentence before it is cut into tokens. Pure functions, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/text/tokeniser.h"

namespace earshot::text {

// The sentence in UTF-8 as `preparation` says. Lower case is Unicode's simple mapping, code point by code point; only
// ASCII punctuation is deleted, so U+2019 stays.
// Errors: kCorruptInput for bytes that are no UTF-8, naming the first; nothing is replaced silently.
Result<std::string> prepare(std::string_view utf8, Preparation preparation);

// The words of a valid UTF-8 text: what lies between Unicode white space. Views into `utf8`.
std::vector<std::string_view> split_words(std::string_view utf8);

// The first `count` code points of a valid UTF-8 text, or all of it.
std::string_view first_code_points(std::string_view utf8, std::size_t count);

}  // namespace earshot::text
