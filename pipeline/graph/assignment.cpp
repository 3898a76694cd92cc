#include "assignment.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "keys.h"
#include "parse.h"

namespace earshot::graph {
namespace {

constexpr std::size_t kLongestPath = 16;

// Parts between dots; a part in double quotes may hold dots. Empty parts stay, to be reported.
std::vector<PathPart> split_path(std::string_view text, Origin origin) {
  std::vector<PathPart> parts;
  while (true) {
    const bool in_quotes = text.starts_with('"') && text.find('"', 1) != std::string_view::npos;
    const std::size_t end = in_quotes ? text.find('"', 1) + 1 : std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, end);
    parts.push_back(
        {std::string(in_quotes ? part.substr(1, part.size() - 2) : part), {origin, std::max(1, code_points(part))}});
    text.remove_prefix(end);
    if (text.empty()) return parts;
    text.remove_prefix(1);
    origin.column += code_points(part) + 1;
  }
}

void collect(const Table& table, const std::vector<PathPart>& prefix, std::vector<Assignment>& out) {
  for (const Entry& entry : table) {
    Origin origin = entry.value.key.origin;
    if (entry.value.key.length == code_points(entry.name) + 2) ++origin.column;
    std::vector<PathPart> path = prefix;
    for (PathPart& part : split_path(entry.name, origin)) path.push_back(std::move(part));
    if (const Table* const inner = entry.value.table(); inner != nullptr && path.size() < kLongestPath)
      collect(*inner, path, out);
    else
      out.push_back({std::move(path), entry.value});
  }
}

// A list element by its number from 0; null, with a finding, where there is none.
Value* element(Array& array, const PathPart& part, Findings& findings) {
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(part.name.data(), part.name.data() + part.name.size(), index);
  if (failure == std::errc() && end == part.name.data() + part.name.size() && index < array.size())
    return &array[index];
  findings.error(part.span, "\"" + part.name + "\" fits nothing: the list has " + std::to_string(array.size()) +
                                (array.size() == 1 ? " element" : " elements") + ", counted from 0");
  return nullptr;
}

bool names_something(const Table& root, const std::vector<PathPart>& path, Findings& findings) {
  for (const PathPart& part : path)
    if (part.name.empty()) {
      findings.error(part.span, "the path has an empty part", "expected names with dots between, as in stage.adam.lr");
      return false;
    }
  if (path.size() > kLongestPath) {
    findings.error(path.front().span, "the path has more than " + std::to_string(kLongestPath) + " parts");
    return false;
  }
  for (const char* const file_key : {"extends", "format", "use"})
    if (path[0].name == file_key) {
      findings.error(path[0].span, "\"" + path[0].name + "\" is said by a file and cannot be set",
                     path[0].name == "use" ? "expected --use PART" : "");
      return false;
    }
  if (path.size() < 2 || (path[0].name != "stage" && path[0].name != "flow")) return true;
  const Value* const section = root.find(path[0].name);
  const Table* const table = section == nullptr ? nullptr : section->table();
  if (table != nullptr && table->find(path[1].name) != nullptr) return true;
  const std::vector<std::string> names = table == nullptr ? std::vector<std::string>() : table->names();
  findings.error(path[1].span, "there is no " + path[0].name + " \"" + path[1].name + "\" to set a value of",
                 did_you_mean(path[1].name, names), {path[0].name + "s: " + listed(names)});
  return false;
}

}  // namespace

std::optional<Assignment> parse_assignment(std::string_view text, int argument, Findings& findings) {
  const Origin start{kArgument, argument, 1};
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    findings.error({start, std::max(1, code_points(text))}, "not an assignment",
                   "expected PATH=VALUE, as in stage.adam.lr=1e-4");
    return std::nullopt;
  }
  Origin value_start = start;
  value_start.column += code_points(text.substr(0, equals)) + 1;
  Assignment out{split_path(text.substr(0, equals), start), parse_value(text.substr(equals + 1), value_start)};
  out.value.key = {start, code_points(text.substr(0, equals))};
  return out;
}

std::vector<Assignment> assignments_of(const Table& table) {
  std::vector<Assignment> out;
  collect(table, {}, out);
  return out;
}

std::string path_text(const Assignment& assignment) {
  std::string out;
  for (const PathPart& part : assignment.path) out += (out.empty() ? "" : ".") + part.name;
  return out;
}

void mark_left_over(Table& stage, const std::string& plugin) {
  const Value* const old = stage.find("plugin");
  if (old == nullptr || old->text() == nullptr || *old->text() == plugin) return;
  const std::string old_plugin = *old->text();
  for (Entry& entry : stage)
    if (!is_reserved_stage_key(entry.name) && entry.value.left_from.empty()) entry.value.left_from = old_plugin;
}

void assign(Table& root, Assignment assignment, Findings& findings) {
  if (!names_something(root, assignment.path, findings)) return;
  const std::vector<PathPart>& path = assignment.path;
  if (path.size() == 3 && path[0].name == "stage" && path[2].name == "plugin" && assignment.value.text() != nullptr)
    if (Table* const stage = root.find("stage")->table()->find(path[1].name)->table())
      mark_left_over(*stage, *assignment.value.text());
  Table* table = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    Value* next = table->find(path[i].name);
    if (next == nullptr) {
      Value fresh;
      fresh.content = Table();
      fresh.where = fresh.key = path[i].span;
      next = &table->set(path[i].name, std::move(fresh));
    }
    while (next->array() != nullptr && i + 1 < path.size()) {
      next = element(*next->array(), path[++i], findings);
      if (next == nullptr) return;
      if (i + 1 == path.size()) {
        *next = std::move(assignment.value);
        return;
      }
    }
    table = next->table();
    if (table == nullptr) {
      findings.error(path[i + 1].span,
                     "\"" + path[i + 1].name + "\" fits nothing: " + path[i].name + " is " + describe(*next));
      return;
    }
  }
  assignment.value.replaced = table->find(path.back().name) != nullptr;
  assignment.value.key = path.back().span;
  table->set(path.back().name, std::move(assignment.value));
}

}  // namespace earshot::graph
