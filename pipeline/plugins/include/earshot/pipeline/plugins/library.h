// One plugin library: what can be read of it unloaded, and opening it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "earshot/contract/plugin.h"

namespace earshot::plugins {

// Reads the file without loading it and checks that its ABI is this program's. Returns the build id, empty where it
// has none. Errors are the rest of a sentence that begins with the file: kIo, kCorruptInput (no ELF file, damaged),
// kNotFound (not a plugin), kUnsupported (other ABI version, compiler or LibTorch). Safe from any thread.
Result<std::string> inspect_library(const std::filesystem::path& file);

using EntryFunction = std::function<const PluginEntry*()>;

// Loads the library (now, local, never unloaded) and finds earshot_plugin(). Its static constructors run: only after
// inspect_library(). Errors: kIo with the loader's own words. Safe from any thread.
Result<EntryFunction> load_library(const std::filesystem::path& file);

// Calls earshot_plugin(). Errors: kUnsupported with the words of contract(). The entry lives as long as the process.
// Safe from any thread.
Result<const PluginEntry*> read_entry(const EntryFunction& function);

}  // namespace earshot::plugins
