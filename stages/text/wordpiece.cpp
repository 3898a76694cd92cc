#include "wordpiece.h"

#include <algorithm>

#include "after_unicode_8.h"
#include "code_points.h"

namespace earshot::text {
namespace {

constexpr std::size_t kLongestWord = 100;  // in characters
constexpr std::string_view kContinuation = "##";

// Characters that cleaning drops: NUL, U+FFFD, and categories C* apart from tab, newline, carriage return and what no
// version of Unicode has assigned.
bool is_dropped(std::int32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return c == 0 || c == 0xFFFD || (utf8proc_category(c) >= UTF8PROC_CATEGORY_CC && !is_after_unicode_8(c));
}

bool is_ideograph(std::int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_cut_out(char32_t c) {
  const auto value = static_cast<std::int32_t>(c);
  return is_ascii_punctuation(value) || (value >= 0x80 && is_punctuation(value) && !is_after_unicode_8(value));
}

// Canonical decomposition (NFD) without nonspacing marks.
std::u32string without_accents(const std::u32string& text) {
  std::string utf8;
  for (const char32_t c : text) append(utf8, static_cast<std::int32_t>(c));
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  const auto size = static_cast<utf8proc_ssize_t>(utf8.size());
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE);
  const utf8proc_ssize_t room = utf8proc_decompose(bytes, size, nullptr, 0, options);
  std::vector<utf8proc_int32_t> decomposed(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(room, 0)));
  utf8proc_decompose(bytes, size, decomposed.data(), room, options);
  std::u32string out;
  for (const utf8proc_int32_t c : decomposed)
    if (utf8proc_category(c) != UTF8PROC_CATEGORY_MN || is_after_unicode_8(c)) out += static_cast<char32_t>(c);
  return out;
}

}  // namespace

WordPiece::WordPiece(const Vocabulary& tokens, std::int32_t unknown, const Rules& rules)
    : unknown_(unknown), rules_(rules) {
  for (const auto& [token, id] : tokens) {
    longest_ = std::max(longest_, token.size());
    if (token.size() > kContinuation.size() && token.starts_with(kContinuation))
      continuations_.emplace(token.substr(kContinuation.size()), id);
    beginnings_.emplace(token, id);
  }
}

// Every white space becomes U+0020.
std::u32string WordPiece::normalise(std::string_view text) const {
  std::u32string out;
  out.reserve(text.size());
  bool ascii = true;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    at += static_cast<std::size_t>(point.length);
    if (is_dropped(point.value)) continue;
    ascii = ascii && point.value < 0x80;
    const auto c = static_cast<char32_t>(point.value);
    if (is_white_space(point.value))
      out += U' ';
    else if (rules_.split_ideographs && is_ideograph(point.value))
      (out += U' ') += std::u32string{c, U' '};
    else
      out += c;
  }
  if (rules_.strip_accents && !ascii) out = without_accents(out);
  if (rules_.lower_case)
    for (char32_t& c : out)
      c = c < 0x80 ? (c >= U'A' && c <= U'Z' ? c + 32 : c)
                   : static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  return out;
}

void WordPiece::cut(std::string_view text, std::vector<std::int32_t>& ids) const {
  std::string word;
  std::size_t characters = 0;
  const auto close = [&] {
    if (characters > 0) cut_word(word, characters, ids);
    word.clear();
    characters = 0;
  };
  for (const char32_t c : normalise(text)) {
    const auto value = static_cast<std::int32_t>(c);
    const bool alone = is_cut_out(c);
    if (alone || is_white_space(value)) close();
    if (is_white_space(value)) continue;
    if (value < 0x80)
      word += static_cast<char>(value);
    else
      append(word, value);
    ++characters;
    if (alone) close();
  }
  close();
}

void WordPiece::cut_word(std::string_view word, std::size_t characters, std::vector<std::int32_t>& ids) const {
  if (characters > kLongestWord) return ids.push_back(unknown_);
  const std::size_t before = ids.size();
  for (std::size_t at = 0; at < word.size();) {
    const Vocabulary& tokens = at == 0 ? beginnings_ : continuations_;
    std::size_t length = std::min(word.size() - at, longest_);
    auto found = tokens.end();
    for (; length > 0 && found == tokens.end(); --length) found = tokens.find(word.substr(at, length));
    if (found == tokens.end()) {
      ids.resize(before);
      return ids.push_back(unknown_);
    }
    ids.push_back(found->second);
    at += length + 1;
  }
}

}  // namespace earshot::text
