#include "keys.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/graph/quantity.h"

namespace earshot::graph {

const std::vector<std::string>& reserved_stage_keys() {
  static const std::vector<std::string> kKeys = {"plugin", "bypass",   "cache",     "device",   "group",
                                                 "lane",   "on_error", "precision", "trainable"};
  return kKeys;
}

bool is_reserved_stage_key(std::string_view name) {
  const std::vector<std::string>& keys = reserved_stage_keys();
  return std::find(keys.begin(), keys.end(), name) != keys.end();
}

Reader::Reader(const Table& table, std::string what, const std::vector<std::string>& known, Findings& findings)
    : table_(table), what_(std::move(what)), findings_(findings) {
  for (const Entry& entry : table)
    if (std::find(known.begin(), known.end(), entry.name) == known.end())
      findings.error(entry.value.key, what_ + " has no key \"" + entry.name + "\"", did_you_mean(entry.name, known),
                     {"keys: " + joined(known)});
}

void Reader::wrong(std::string_view key, const std::string& expected) const {
  const Value& value = *table_.find(key);
  findings_.error(value.where, "\"" + std::string(key) + "\" of " + what_ + " is " + describe(value),
                  "expected " + expected);
}

std::optional<std::string> Reader::text(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  if (value->text() != nullptr) return *value->text();
  wrong(key, "a text");
  return std::nullopt;
}

std::optional<std::int64_t> Reader::whole(std::string_view key, std::int64_t at_least) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  const auto* const number = std::get_if<std::int64_t>(&value->content);
  if (number != nullptr && *number >= at_least) return *number;
  wrong(key, "a whole number of at least " + std::to_string(at_least));
  return std::nullopt;
}

std::optional<double> Reader::number(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* const whole = std::get_if<std::int64_t>(&value->content)) return static_cast<double>(*whole);
  const auto* const number = std::get_if<double>(&value->content);
  if (number != nullptr && std::isfinite(*number)) return *number;
  wrong(key, "a number");
  return std::nullopt;
}

std::optional<bool> Reader::flag(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  if (const bool* const flag = std::get_if<bool>(&value->content)) return *flag;
  wrong(key, "true or false");
  return std::nullopt;
}

std::optional<std::string> Reader::choice(std::string_view key, const std::vector<std::string>& choices) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  if (value->text() != nullptr && std::find(choices.begin(), choices.end(), *value->text()) != choices.end())
    return *value->text();
  const std::string meant = value->text() == nullptr ? std::string() : did_you_mean(*value->text(), choices);
  findings_.error(value->where, "\"" + std::string(key) + "\" of " + what_ + " is " + describe(*value),
                  (meant.empty() ? "" : meant + " ") + "expected one of " + joined(choices));
  return std::nullopt;
}

std::optional<std::int64_t> Reader::bytes(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* const whole = std::get_if<std::int64_t>(&value->content); whole != nullptr && *whole > 0)
    return *whole;
  if (value->text() != nullptr) {
    const Result<double> quantity = read_quantity(*value->text(), "B");
    if (quantity.ok() && *quantity >= 1 && *quantity < 9e15) return std::llround(*quantity);
  }
  wrong(key, "a number of bytes, as in \"256 MiB\"");
  return std::nullopt;
}

const Table* Reader::table(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return nullptr;
  if (value->table() == nullptr) wrong(key, "a table");
  return value->table();
}

const Array* Reader::array(std::string_view key) const {
  const Value* const value = table_.find(key);
  if (value == nullptr) return nullptr;
  if (value->array() == nullptr) wrong(key, "a list");
  return value->array();
}

const Table* section_of(const Table& root, const std::string& name, Findings& findings) {
  const Value* const value = root.find(name);
  if (value == nullptr) return nullptr;
  if (value->table() == nullptr) {
    findings.error(value->where, "\"" + name + "\" is " + describe(*value), "expected [" + name + ".NAME]");
    return nullptr;
  }
  for (const Entry& entry : *value->table())
    if (entry.value.table() == nullptr)
      findings.error(entry.value.key, "\"" + name + "." + entry.name + "\" is " + describe(entry.value),
                     "expected a table, [" + name + "." + to_key(entry.name) + "]");
  return value->table();
}

}  // namespace earshot::graph
