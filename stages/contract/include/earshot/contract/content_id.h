// Content ids: what a cache knows data by. 32 hexadecimal digits of XXH3-128, the same on every machine.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "earshot/contract/result.h"

namespace earshot {

// Of a text, or of any bytes.
std::string content_id(std::string_view bytes);

// Of the bytes of a file, read once from start to end in pieces of 1 MiB.
// Errors: kNotFound, kIo.
Result<std::string> content_id_of_file(const std::filesystem::path& path);

}  // namespace earshot
