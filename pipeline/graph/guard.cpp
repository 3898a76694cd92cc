#include "guard.h"

#include <algorithm>

#include "tree.h"

namespace earshot::graph {
namespace {

constexpr std::ptrdiff_t kMaxDots = 64;  // a line: each may open a table within a table
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; }

// What is wrong with a line, by itself.
Refusal refuse_line(std::string_view line) {
  Refusal out;
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  const std::string_view content = line.substr(begin);
  const std::size_t nul = line.find('\0');
  out.column = static_cast<int>(begin) + 1;
  if (nul != std::string_view::npos) {
    out.column = code_points(line.substr(0, nul)) + 1;
    out.message = "a NUL byte: a graph is a text file";
  } else if (content.starts_with("[[[")) {
    out.length = 3;
    out.message = "three brackets: TOML knows [table] and [[list of tables]]";
  } else if (const auto dots = std::count(content.begin(), content.end(), '.');
             dots > kMaxDots && !content.starts_with('#')) {
    out.message = "the line has " + std::to_string(dots) + " dots: at most " + std::to_string(kMaxDots) + " are read";
  }
  return out;
}

// Behind a text of one line that opens at `begin`.
std::size_t skip_text(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\' && quote == '"') ++i;
  }
  return text.size();
}

// Behind a text of several lines that opens at `begin`; `odd` becomes the place of a character that is not ASCII and
// follows a backslash, with or without blanks between.
std::size_t skip_block(std::string_view text, std::size_t begin, std::size_t& odd) {
  const std::string_view quotes = text.substr(begin, 3);
  std::size_t i = begin + 3;
  while (i < text.size() && text.substr(i, 3) != quotes) {
    const bool escape = text[i] == '\\' && quotes.front() == '"';
    ++i;
    if (!escape) continue;
    const bool plain = i < text.size() && (text[i] == '"' || text[i] == '\\');
    i = plain ? i + 1 : std::min(text.find_first_not_of(" \t\r\n", i), text.size());
    if (!plain && i < text.size() && !is_ascii(text[i])) odd = std::min(odd, i);
  }
  i = std::min(i + 3, text.size());
  for (int more = 0; more < 2 && i < text.size() && text[i] == quotes.front(); ++more) ++i;
  return i;
}

// The first character outside of texts and comments that is not ASCII. The parser looks such characters up in tables
// that do not have them all (toml++ 3.3, is_non_ascii_horizontal_whitespace).
std::size_t find_odd_character(std::string_view text) {
  std::size_t odd = text.size();
  for (std::size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size() && i < odd;) {
    if (!is_ascii(text[i])) return i;
    if (text[i] == '#')
      i = std::min(text.find('\n', i), text.size());
    else if (text.substr(i, 3) == "\"\"\"" || text.substr(i, 3) == "'''")
      i = skip_block(text, i, odd);
    else if (text[i] == '"' || text[i] == '\'')
      i = skip_text(text, i);
    else
      ++i;
  }
  return odd;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Refusal refuse(std::string_view text) {
  Refusal out;
  if (text.size() > kMaxFileBytes) {
    out.message = "the file is larger than 1 MiB: a graph is not";
    return out;
  }
  int number = 0;
  for (const std::string_view line : split_lines(text)) {
    out = refuse_line(line);
    out.line = ++number;
    if (!out.message.empty()) return out;
  }
  const std::size_t odd = find_odd_character(text);
  if (odd == text.size()) return out;
  const std::string_view before = text.substr(0, odd);
  out.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  out.column = 1 + code_points(before.substr(before.rfind('\n') + 1));
  out.message = "not TOML: a character that is not ASCII stands in quotes";
  return out;
}

}  // namespace earshot::graph
