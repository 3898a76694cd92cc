// new_plugin: a folder from which an out-of-tree plugin builds against an installed earshot.
#pragma once

#include <filesystem>
#include <string>

#include "earshot/contract/result.h"

namespace earshot::plugins {

// Writes NAME.cpp (a map over waveforms, at most 40 lines), CMakeLists.txt, README.md and graph.toml into `folder`,
// which is made; `name` is a plugin's name in small letters, digits and _, beginning with a letter.
// Errors: kInvalidArgument (name; something of that name is in the way), kIo.
Status new_plugin(const std::string& name, const std::filesystem::path& folder);

}  // namespace earshot::plugins
