// Who holds a lock.
#pragma once

#include <optional>
#include <string>

namespace earshot::cache {

// "process 1234 (earshot)" for the process of this machine that has locked a file; nothing where none can be seen.
std::optional<std::string> lock_owner(const std::string& file);

}  // namespace earshot::cache
