// Reading a plugin by loading it, in a process of its own: whatever the library does there, this process lives.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "earshot/contract/description.h"
#include "earshot/contract/result.h"

namespace earshot::plugins {

// What the probe program does: loads `file` into THIS process and returns the text of its description file. `loaded` is
// called between loading and describing. Errors are the rest of a sentence that begins with the file.
Result<std::string> describe_library(const std::filesystem::path& file, const std::function<void()>& loaded);

// A line that the probe program writes to stderr once the library is loaded: how far it got when it crashes or hangs.
inline constexpr std::string_view kLoadedLine = "earshot_probe: loaded";

// Runs `probe` on `file` and waits at most `limit`. `build_id` is the library's. Errors are the rest of a sentence
// that begins with the file: those of the library itself, a crash with its signal, no answer within the limit.
Result<PluginDescription> probe_library(const std::filesystem::path& probe, const std::filesystem::path& file,
                                        const std::string& build_id,
                                        std::chrono::milliseconds limit = std::chrono::seconds(5));

}  // namespace earshot::plugins
