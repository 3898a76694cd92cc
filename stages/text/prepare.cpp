#include "earshot/text/prepare.h"

#include <array>

#include <utf8proc.h>

namespace earshot::text {
namespace {

// The next code point of `utf8` from `at`; bytes used, or a negative number where they are no UTF-8.
struct CodePoint {
  utf8proc_int32_t value = 0;
  utf8proc_ssize_t length = 0;
};

CodePoint code_point_at(std::string_view utf8, std::size_t at) {
  CodePoint point;
  point.length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + at,
                                  static_cast<utf8proc_ssize_t>(utf8.size() - at), &point.value);
  return point;
}

// The 32 of Python's string.punctuation.
bool is_ascii_punctuation(utf8proc_int32_t c) {
  return (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) || (c >= 0x7B && c <= 0x7E);
}

bool is_white_space(utf8proc_int32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x85) return true;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

}  // namespace

Result<std::string> prepare(std::string_view utf8, Preparation preparation) {
  std::string prepared;
  prepared.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.length <= 0)
      return Error{ErrorCode::kCorruptInput, "text: byte " + std::to_string(at) + " of " + std::to_string(utf8.size()) +
                                                 " is no UTF-8; convert the file that it comes from"};
    const auto length = static_cast<std::size_t>(point.length);
    if (preparation == Preparation::kRaw) {
      prepared.append(utf8.substr(at, length));
    } else if (!is_ascii_punctuation(point.value)) {
      std::array<utf8proc_uint8_t, 4> encoded{};
      const utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_tolower(point.value), encoded.data());
      prepared.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
    }
    at += length;
  }
  return prepared;
}

std::vector<std::string_view> split_words(std::string_view utf8) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  const auto close = [&](std::size_t end) {
    if (end > start) words.push_back(utf8.substr(start, end - start));
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    const std::size_t next = at + static_cast<std::size_t>(point.length);
    if (is_white_space(point.value)) {
      close(at);
      start = next;
    }
    at = next;
  }
  close(utf8.size());
  return words;
}

std::string_view first_code_points(std::string_view utf8, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < utf8.size(); --count) at += static_cast<std::size_t>(code_point_at(utf8, at).length);
  return utf8.substr(0, at);
}

}  // namespace earshot::text
