#include "earshot/contract/fact_record.h"

#include <algorithm>
#include <string>

namespace earshot {

Result<std::vector<std::pair<std::string_view, std::string_view>>> fact_fields(std::string_view text) {
  using Field = std::pair<std::string_view, std::string_view>;
  std::vector<Field> fields;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view part = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      return Error{ErrorCode::kInvalidArgument, "'" + std::string(part) + "' is not of the form name=value"};
    const std::string_view name = part.substr(0, equals);
    if (std::ranges::find(fields, name, &Field::first) != fields.end())
      return Error{ErrorCode::kInvalidArgument, std::string(name) + " is given twice"};
    fields.emplace_back(name, part.substr(equals + 1));
  }
  return fields;
}

std::string fact_identity(const std::string& text) {
  const auto fields = fact_fields(text);
  if (!fields.ok()) return text;
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(*fields, [&](const auto& field) { return field.first == name; });
  };
  if (!has("content") || !has("path")) return text;
  std::string kept;
  for (const auto& [name, value] : *fields) {
    if (name == "path") continue;
    if (!kept.empty()) kept += ' ';
    kept.append(name).append("=").append(value);
  }
  return kept;
}

}  // namespace earshot
