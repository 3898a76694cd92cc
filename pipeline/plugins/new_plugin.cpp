#include "earshot/pipeline/plugins/new_plugin.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string_view>
#include <system_error>

namespace earshot::plugins {
namespace {

constexpr std::string_view kSource = R"(// @NAME@: multiplies a waveform by a constant.
#include <cmath>
#include <utility>

#include <earshot/audio/waveform.h>
#include <earshot/contract/plugin.h>

namespace {
using namespace earshot;

struct Options {
  double level_db = 6.0;
};

class @CLASS@ final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("@NAME@", /*algorithm=*/1, "multiplies a waveform by a constant")
        .option(&Options::level_db, "level_db", unit("dB"), range(-60, 60), "added to the level")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .deterministic();
  }
  @CLASS@(const Options& options, const Setup& /*setup*/)
      : factor_(static_cast<float>(std::pow(10.0, options.level_db / 20))) {}

  Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    Waveform louder = inputs.get<Waveform>("audio");
    for (float& sample : louder.with_neighbours()) sample *= factor_;
    return Outputs{std::move(louder)};
  }

 private:
  float factor_;
};
}  // namespace

EARSHOT_PLUGIN(@CLASS@)
)";

constexpr std::string_view kCMake = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)

find_package(earshot REQUIRED)
earshot_plugin(@NAME@ SOURCES @NAME@.cpp LIBRARIES earshot::earshot_audio)
)";

constexpr std::string_view kReadme = R"(# @NAME@

Multiplies a waveform by a constant: change `process()` in `@NAME@.cpp` into what you need.

```toml
[stage.@NAME@]
plugin   = "@NAME@"
level_db = 6.0  # from -60 to 60 dB
```

Build it, look at it, run it (`CMAKE_PREFIX_PATH` is where earshot was installed):

```sh
cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=PREFIX
cmake --build build
export EARSHOT_PLUGIN_PATH=$PWD/build/plugins
earshot describe @NAME@
earshot run graph.toml
```
)";

constexpr std::string_view kGraph = R"(# Sixteen scenes through @NAME@.
format = 1
title  = "@NAME@"

[stage.scenes]
plugin  = "scenes"
palette = "synthetic"
test    = 16

[stage.decode]
plugin = "decode"

[stage.resample]
plugin         = "resample"
sample_rate_hz = "16 kHz"

[stage.@NAME@]
plugin   = "@NAME@"
level_db = "6 dB"

[flow.listen]
split = "test"

[flow.listen.wires]
audio = "scenes.recordings.audio -> decode -> resample -> @NAME@"

[[run]]
flow = "listen"
)";

bool is_plugin_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// soft_clip -> SoftClip
std::string class_name(std::string_view name) {
  std::string text;
  bool capital = true;
  for (const char c : name) {
    if (c != '_') text += capital ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    capital = c == '_';
  }
  return text;
}

std::string filled(std::string_view form, const std::string& name) {
  std::string text(form);
  for (const auto& [mark, value] :
       {std::pair<std::string_view, std::string>{"@NAME@", name}, {"@CLASS@", class_name(name)}})
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  return text;
}

}  // namespace

Status new_plugin(const std::string& name, const std::filesystem::path& folder) {
  if (!is_plugin_name(name))
    return Error{ErrorCode::kInvalidArgument, "\"" + name +
                                                  "\" cannot name a plugin: expected a letter, then letters, "
                                                  "digits and _, all small, at most 64"};
  std::error_code failure;
  if (std::filesystem::exists(folder, failure) && !std::filesystem::is_empty(folder, failure))
    return Error{ErrorCode::kInvalidArgument, folder.string() + " is there already and not empty"};
  std::filesystem::create_directories(folder, failure);
  const std::pair<std::string, std::string_view> files[] = {
      {name + ".cpp", kSource}, {"CMakeLists.txt", kCMake}, {"README.md", kReadme}, {"graph.toml", kGraph}};
  for (const auto& [file, form] : files) {
    std::ofstream stream(folder / file, std::ios::binary);
    stream << filled(form, name) << std::flush;
    if (!stream) return Error{ErrorCode::kIo, (folder / file).string() + " cannot be written"};
  }
  return {};
}

}  // namespace earshot::plugins
