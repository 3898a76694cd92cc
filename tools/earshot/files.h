// Small files, read and written whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::tools {

// Errors: kNotFound, kIo.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& file);
// Errors: kIo.
Status write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

}  // namespace earshot::tools
