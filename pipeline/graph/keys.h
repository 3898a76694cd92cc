// Reader: typed values out of one table of a graph file. Whatever is unknown or of another type is a finding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings.h"
#include "tree.h"

namespace earshot::graph {

// Keys that every stage has, beside the options of its plugin.
const std::vector<std::string>& reserved_stage_keys();
bool is_reserved_stage_key(std::string_view name);

class Reader {
 public:
  // `what` names the table in sentences: `flow "train"`. Keys that are not in `known` are reported here.
  Reader(const Table& table, std::string what, const std::vector<std::string>& known, Findings& findings);

  // Null where the key is absent. The others report a value of another type and return nothing.
  [[nodiscard]] const Value* find(std::string_view key) const { return table_.find(key); }
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view key, std::int64_t at_least) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> choice(std::string_view key, const std::vector<std::string>& choices) const;
  // A whole number of bytes, with or without a unit.
  [[nodiscard]] std::optional<std::int64_t> bytes(std::string_view key) const;
  [[nodiscard]] const Table* table(std::string_view key) const;
  [[nodiscard]] const Array* array(std::string_view key) const;

  void wrong(std::string_view key, const std::string& expected) const;

 private:
  const Table& table_;
  std::string what_;
  Findings& findings_;
};

// A table that must hold tables only ([stage.*], [flow.*]): null, with a finding, where `section` is something else.
const Table* section_of(const Table& root, const std::string& name, Findings& findings);

}  // namespace earshot::graph
