// Letters and numbers that Unicode 15.1 and 16.0 brought, which the reference's regular expressions know and utf8proc
// 2.8 does not yet. Found by putting every code point between two letters, and two digits, in tokenizers 0.23.
#pragma once

#include <array>
#include <cstdint>

#include "code_point_ranges.h"

namespace earshot::text {

inline bool is_letter_since_unicode_15(std::int32_t c) {
  constexpr std::array<CodePointRange, 22> kLetters{
      {{0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3}, {0x10D4A, 0x10D65},
       {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E},
       {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0},
       {0x13460, 0x143FA}, {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
       {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D}}};
  return holds(kLetters, c);
}

inline bool is_number_since_unicode_15(std::int32_t c) {
  constexpr std::array<CodePointRange, 7> kNumbers{{{0x10D40, 0x10D49},
                                                    {0x116D0, 0x116E3},
                                                    {0x11BF0, 0x11BF9},
                                                    {0x16130, 0x16139},
                                                    {0x16D70, 0x16D79},
                                                    {0x1CCF0, 0x1CCF9},
                                                    {0x1E5F1, 0x1E5FA}}};
  return holds(kNumbers, c);
}

}  // namespace earshot::text
