#include "tree.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "earshot/contract/values.h"

namespace earshot::graph {

// Here, where an Entry is complete.
Table::Table() = default;
Table::Table(const Table& other) = default;
Table::Table(Table&& other) noexcept = default;
Table& Table::operator=(const Table& other) = default;
Table& Table::operator=(Table&& other) noexcept = default;
Table::~Table() = default;

std::size_t Table::size() const { return entries_.size(); }

const Value* Table::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second].value;
}

Value* Table::find(std::string_view name) {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second].value;
}

Value& Table::set(std::string name, Value value) {
  if (Value* const there = find(name)) {
    *there = std::move(value);
    return *there;
  }
  index_.emplace(name, entries_.size());
  entries_.push_back({std::move(name), std::move(value)});
  return entries_.back().value;
}

void Table::erase(std::string_view name) {
  const auto found = index_.find(name);
  if (found == index_.end()) return;
  const std::size_t gone = found->second;
  index_.erase(found);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(gone));
  for (auto& [key, place] : index_)
    if (place > gone) --place;
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) out.push_back(entry.name);
  return out;
}

std::string to_quoted(std::string_view text) {
  static constexpr std::array<char, 17> kHex = {"0123456789ABCDEF"};
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20U || byte == 0x7FU) {
      out += "\\u00";
      out += kHex.at(byte >> 4U);
      out += kHex.at(byte & 0xFU);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string to_key(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  return bare ? std::string(name) : to_quoted(name);
}

std::string to_toml(const Value& value) {
  if (const Table* const table = value.table()) {
    std::string out = "{";
    for (const Entry& entry : *table)
      out += (out.size() > 1 ? ", " : " ") + to_key(entry.name) + " = " + to_toml(entry.value);
    return out + (out.size() > 1 ? " }" : "}");
  }
  if (const Array* const array = value.array()) {
    std::string out = "[";
    for (const Value& item : *array) out += (out.size() > 1 ? ", " : "") + to_toml(item);
    return out + "]";
  }
  if (const std::string* const text = value.text()) return to_quoted(*text);
  if (const bool* const flag = std::get_if<bool>(&value.content)) return *flag ? "true" : "false";
  if (const auto* const whole = std::get_if<std::int64_t>(&value.content)) return std::to_string(*whole);
  if (const double* const number = std::get_if<double>(&value.content)) return to_text(OptionValue{*number});
  return "\"\"";
}

std::string describe(const Value& value) {
  if (value.table() != nullptr) return "a table";
  if (value.array() != nullptr) return "a list";
  if (value.text() != nullptr) return "the text " + to_toml(value);
  if (std::holds_alternative<bool>(value.content)) return to_toml(value);
  if (std::holds_alternative<Moment>(value.content)) return "a date or time";
  return "the number " + to_toml(value);
}

int code_points(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Span part_of(const Value& text, std::size_t begin, std::size_t end) {
  const std::string* const content = text.text();
  if (content == nullptr || text.text_start.line == 0 || end > content->size() || begin > end) return text.where;
  Span span{text.text_start, std::max(1, code_points(std::string_view(*content).substr(begin, end - begin)))};
  const std::string_view before = std::string_view(*content).substr(0, begin);
  const std::size_t newline = before.rfind('\n');
  if (newline == std::string_view::npos) {
    span.origin.column += code_points(before);
  } else {
    span.origin.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    span.origin.column = 1 + code_points(before.substr(newline + 1));
  }
  return span;
}

}  // namespace earshot::graph
