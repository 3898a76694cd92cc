// Code points of UTF-8 and what Unicode says of them, by utf8proc. For the sources of this part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include "since_unicode_15.h"

namespace earshot::text {

struct CodePoint {
  std::int32_t value = 0;
  std::ptrdiff_t length = 0;  // bytes used; negative or 0 where they are no UTF-8
};

// The code point of `utf8` that begins at byte `at`. Precondition: at < utf8.size().
inline CodePoint code_point_at(std::string_view utf8, std::size_t at) {
  const auto first = static_cast<unsigned char>(utf8[at]);
  if (first < 0x80) return {first, 1};
  CodePoint point;
  point.length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + at,
                                  static_cast<utf8proc_ssize_t>(utf8.size() - at), &point.value);
  return point;
}

inline void append(std::string& utf8, std::int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> encoded{};
  const utf8proc_ssize_t size = utf8proc_encode_char(code_point, encoded.data());
  utf8.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
}

// Unicode's property White_Space.
inline bool is_white_space(std::int32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85) return true;
  if (c < 0x80) return false;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

// The 32 of Python's string.punctuation.
inline bool is_ascii_punctuation(std::int32_t c) {
  return (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) || (c >= 0x7B && c <= 0x7E);
}

// General categories L*, N* and P*.
inline bool is_letter(std::int32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const utf8proc_category_t category = utf8proc_category(c);
  if (category == UTF8PROC_CATEGORY_CN) return is_letter_since_unicode_15(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
inline bool is_number(std::int32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  const utf8proc_category_t category = utf8proc_category(c);
  if (category == UTF8PROC_CATEGORY_CN) return is_number_since_unicode_15(c);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}
inline bool is_punctuation(std::int32_t c) {
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

}  // namespace earshot::text
