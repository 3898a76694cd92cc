// One row of a comma-separated text. Source: RFC 4180; rows end in LF.
#pragma once

#include <span>
#include <string>

namespace earshot::text {

// The fields with commas between and LF behind; a field that holds a comma, a quote or a line end is quoted.
// Pure function, safe from any thread.
inline std::string csv_row(std::span<const std::string> fields) {
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      row += field;
      continue;
    }
    row += '"';
    for (const char c : field) row.append(c == '"' ? 2 : 1, c);
    row += '"';
  }
  return row += '\n';
}

}  // namespace earshot::text
