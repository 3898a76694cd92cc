// What a folder's file system can do: whether runs and caches may live there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::tools {

struct Finding {
  std::string what;
  std::string outcome;
  bool good = true;
};

// Writes at most 64 MiB into a hidden file of its own, which is removed. Errors: kNotFound where it is no folder, kIo
// where nothing can be written.
Result<std::vector<Finding>> check_folder(const std::filesystem::path& folder);

}  // namespace earshot::tools
