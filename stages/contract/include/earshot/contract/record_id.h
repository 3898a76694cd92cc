// Record ids from names of files.
#pragma once

#include <string>
#include <string_view>

namespace earshot {

// The name with # as %23 and % as %25: in ids a # separates a record from its children ("NAME#w0"). One to one.
inline std::string record_id(std::string_view name) {
  std::string id;
  id.reserve(name.size());
  for (const char c : name) {
    if (c == '#')
      id += "%23";
    else if (c == '%')
      id += "%25";
    else
      id += c;
  }
  return id;
}

}  // namespace earshot
