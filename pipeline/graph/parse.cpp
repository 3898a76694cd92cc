#include "parse.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

// The parser is compiled into this file: its shared library aborts on `[[[a]]]`.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(condition) static_cast<void>(0)
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include "guard.h"

namespace earshot::graph {
namespace {

// Bytes of `line` from column `from` up to column `to`, in code points from 1.
std::string_view columns(std::string_view line, std::uint32_t from, std::uint32_t to) {
  std::uint32_t column = 0;
  std::size_t begin = line.size();
  std::size_t end = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80U) continue;
    ++column;
    if (column == from) begin = i;
    if (column == to) end = i;
  }
  return line.substr(begin, end < begin ? 0 : end - begin);
}

// From the parser's tree to ours. `origin` is the place of the text's first character.
class Walker {
 public:
  Walker(std::string_view text, Origin origin) : lines_(split_lines(text)), origin_(std::move(origin)) {}

  [[nodiscard]] Table walk(const toml::table& table) const {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (auto&& [key, node] : table) entries.emplace_back(&key, &node);
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      const toml::source_position& first = a.first->source().begin;
      const toml::source_position& second = b.first->source().begin;
      return std::pair(first.line, first.column) < std::pair(second.line, second.column);
    });
    Table out;
    for (const auto& [key, node] : entries) {
      Value value = walk(*node);
      value.key = span(key->source());
      out.set(std::string(key->str()), std::move(value));
    }
    return out;
  }

  [[nodiscard]] Value walk(const toml::node& node) const {
    Value value;
    value.where = span(node.source());
    if (const toml::table* const table = node.as_table()) {
      value.content = walk(*table);
    } else if (const toml::array* const array = node.as_array()) {
      Array items;
      for (const toml::node& item : *array) items.push_back(walk(item));
      value.content = std::move(items);
    } else if (const auto* const text = node.as_string()) {
      value.content = text->get();
      value.text_start = text_start(node.source());
    } else if (const auto* const whole = node.as_integer()) {
      value.content = whole->get();
    } else if (const auto* const number = node.as_floating_point()) {
      value.content = number->get();
    } else if (const auto* const flag = node.as_boolean()) {
      value.content = flag->get();
    } else {
      value.content = Moment{};
    }
    return value;
  }

  [[nodiscard]] Span span(const toml::source_region& region) const {
    Span out{place(region.begin), 1};
    if (region.end.line == region.begin.line)
      out.length = std::max(1, static_cast<int>(region.end.column) - static_cast<int>(region.begin.column));
    else if (region.begin.line >= 1 && region.begin.line <= lines_.size())
      out.length = std::max(
          1, code_points(columns(lines_[region.begin.line - 1], region.begin.column, static_cast<std::uint32_t>(-1))));
    return out;
  }

 private:
  [[nodiscard]] Origin place(const toml::source_position& position) const {
    const int line = static_cast<int>(position.line) - 1;
    const int column = static_cast<int>(position.column);
    return {origin_.file, origin_.line + line, line == 0 ? origin_.column - 1 + column : column};
  }

  // Where the characters of a text begin, if they are written without escapes; else line 0.
  [[nodiscard]] Origin text_start(const toml::source_region& region) const {
    const std::size_t first = region.begin.line;
    if (first < 1 || region.end.line > lines_.size()) return {};
    const std::string_view rest = columns(lines_[first - 1], region.begin.column, static_cast<std::uint32_t>(-1));
    const bool literal = rest.starts_with('\'');
    const bool block = rest.starts_with("\"\"\"") || rest.starts_with("'''");
    for (std::size_t line = first; line <= region.end.line && !literal; ++line) {
      const std::uint32_t from = line == first ? region.begin.column : 1;
      const std::uint32_t to = line == region.end.line ? region.end.column : static_cast<std::uint32_t>(-1);
      if (columns(lines_[line - 1], from, to).find('\\') != std::string_view::npos) return {};
    }
    Origin start = place(region.begin);
    start.column += block ? 3 : 1;
    if (block && (rest == "\"\"\"" || rest == "'''" || rest == "\"\"\"\r" || rest == "'''\r")) {
      ++start.line;
      start.column = 1;
    }
    return start;
  }

  std::vector<std::string_view> lines_;
  Origin origin_;
};

// The header or key that was defined before, for "cannot redefine".
std::string earlier_definition(std::string_view text, const Span& again) {
  const std::vector<std::string_view> lines = split_lines(text);
  const auto trimmed = [](std::string_view line) {
    line = line.substr(0, std::min(line.find('#'), line.size()));
    const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t end = line.find_last_not_of(" \t\r");
    return end == std::string_view::npos ? std::string_view() : line.substr(begin, end - begin + 1);
  };
  const auto index = static_cast<std::size_t>(again.origin.line) - 1;
  if (index >= lines.size()) return {};
  std::string_view wanted = trimmed(lines[index]);
  const bool header = wanted.starts_with('[');
  if (!header) wanted = wanted.substr(0, wanted.find_first_of(" \t="));
  for (std::size_t i = index; i-- > 0;) {
    const std::string_view line = trimmed(lines[i]);
    const bool found = header ? line == wanted
                              : line.starts_with(wanted) && line.substr(wanted.size()).find_first_not_of(" \t") ==
                                                                line.substr(wanted.size()).find('=');
    if (found && !wanted.empty())
      return "first defined at " + again.origin.file + ":" + std::to_string(i + 1) + ": a name stands once in a file";
    if (!header && line.starts_with('[')) break;
  }
  return "a name stands once in a file";
}

// The parser's sentence without its own prefix and capital letters.
std::string sentence_of(std::string_view description) {
  static constexpr std::string_view kPrefix = "Error while parsing ";
  if (description.starts_with("Error while parsing string: unescaped control")) return "not TOML: a text is not closed";
  if (!description.starts_with(kPrefix)) return "not TOML: " + std::string(description);
  description.remove_prefix(kPrefix.size());
  const std::size_t colon = std::min(description.find(": "), description.size() - 1);
  return "not TOML, in a " + std::string(description.substr(0, colon)) + ": " +
         std::string(description.substr(colon + 2));
}

Span whole_header(std::string_view text, Span span) {
  const std::vector<std::string_view> lines = split_lines(text);
  const auto index = static_cast<std::size_t>(span.origin.line) - 1;
  if (index >= lines.size()) return span;
  const std::size_t begin = lines[index].find_first_not_of(" \t");
  if (begin == std::string_view::npos) return span;
  std::string_view rest = lines[index].substr(begin);
  rest = rest.substr(0, rest.starts_with('[') ? rest.find_last_of(']') + 1 : rest.find_first_of(" \t="));
  return {{span.origin.file, span.origin.line, static_cast<int>(begin) + 1}, std::max(1, code_points(rest))};
}

}  // namespace

std::optional<Table> parse_file(const std::string& file, std::string_view text, Findings& findings) {
  if (const Refusal refusal = refuse(text); !refusal.message.empty()) {
    findings.error({{file, refusal.line, refusal.column}, refusal.length}, refusal.message);
    return std::nullopt;
  }
  const toml::parse_result parsed = toml::parse(text);
  const Walker walker(text, {file, 1, 1});
  if (parsed) return walker.walk(parsed.table());
  const toml::parse_error& error = parsed.error();
  const Span span = walker.span(error.source());
  if (error.description().find("cannot redefine") != std::string_view::npos) {
    const Span name = whole_header(text, span);
    findings.error(name, "a name is given twice", earlier_definition(text, name));
  } else {
    findings.error(span, sentence_of(error.description()));
  }
  return std::nullopt;
}

Value parse_value(std::string_view text, const Origin& start) {
  static constexpr std::string_view kBefore = "v=";
  const std::string line = std::string(kBefore) + std::string(text);
  Origin origin = start;
  origin.column -= static_cast<int>(kBefore.size());
  if (refuse(line).message.empty() && line.find('\n') == std::string::npos) {
    const toml::parse_result parsed = toml::parse(line);
    if (parsed && parsed.table().size() == 1) {
      const Table tree = Walker(line, origin).walk(parsed.table());
      const Value& value = tree.begin()->value;
      if (!std::holds_alternative<Moment>(value.content)) return value;
    }
  }
  Value value;
  value.content = std::string(text);
  value.where = {start, std::max(1, code_points(text))};
  value.text_start = start;
  return value;
}

}  // namespace earshot::graph
