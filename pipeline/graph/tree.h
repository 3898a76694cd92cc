// Value, Table: a graph file as a tree of our own, in which every value remembers where it was written. The parser's
// own tables lose that when they are copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "earshot/pipeline/graph/diagnostic.h"

namespace earshot::graph {

struct Value;
struct Entry;
using Array = std::vector<Value>;

// Entries in the order in which they were first written, found by name.
class Table {
 public:
  Table();
  Table(const Table& other);
  Table(Table&& other) noexcept;
  Table& operator=(const Table& other);
  Table& operator=(Table&& other) noexcept;
  ~Table();

  [[nodiscard]] const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // Adds, or replaces in place.
  Value& set(std::string name, Value value);
  void erase(std::string_view name);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<std::string> names() const;

  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

// Dates and times: TOML has them, graph files do not.
struct Moment {};

struct Value {
  std::variant<bool, std::int64_t, double, std::string, Array, Table, Moment> content = false;
  Span where;             // the value; of a table, its header
  Span key;               // the key that it was given under
  Origin text_start;      // of a text whose characters stand in the file as they are: the first; else line 0
  bool replaced = false;  // an earlier layer had a value here
  std::string left_from;  // of an option: the plugin that it was written for, where another took its place since

  [[nodiscard]] const Table* table() const { return std::get_if<Table>(&content); }
  Table* table() { return std::get_if<Table>(&content); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&content); }
  Array* array() { return std::get_if<Array>(&content); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&content); }
};

struct Entry {
  std::string name;
  Value value;
};

// What a value is, for a sentence: `the text "x"`, `the number 3`, `a table`.
std::string describe(const Value& value);
// Bytes [begin, end) of a text value: exact where the text stands in the file as it is, else the whole value.
Span part_of(const Value& text, std::size_t begin, std::size_t end);
// Code points of UTF-8.
int code_points(std::string_view text);
// TOML of a value, on one line.
std::string to_toml(const Value& value);
// `name` as a TOML key: bare where that is allowed, else quoted.
std::string to_key(std::string_view name);
std::string to_quoted(std::string_view text);

}  // namespace earshot::graph
