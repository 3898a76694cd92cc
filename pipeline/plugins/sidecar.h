// The description file NAME.json that the build writes beside NAME.so:
//
//   {"format": 1, "build_id": "<of NAME.so, hexadecimal>", "plugin": {<the description>}}
//
// It counts only while its build id is the library's.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "earshot/contract/description.h"
#include "earshot/contract/result.h"

namespace earshot::plugins {

std::string sidecar_text(const std::string& build_id, const PluginDescription& description);

// Errors: kCorruptInput; kNotFound where it belongs to another library.
Result<PluginDescription> parse_sidecar(std::string_view text, const std::string& build_id);

// NAME.json of NAME.so, read. Errors: those of parse_sidecar(); kNotFound; kTooLarge above 1 MiB.
Result<PluginDescription> read_sidecar(const std::filesystem::path& library, const std::string& build_id);

}  // namespace earshot::plugins
