// Catalogue: the plugins that are there. Descriptions come from the JSON beside each library, or from a probe process
// where that is absent or of another build; a library is opened only by load(). Const calls are safe from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/plugin.h"

namespace earshot::plugins {

// A library that is in the folders but cannot be used.
struct BadPlugin {
  std::filesystem::path file;
  std::string reason;  // the rest of a sentence that begins with the file: "crashes while being loaded: ..."
};

class Catalogue {
 public:
  // Looks through `folders` in order, each library (*.so) by name; every one becomes a plugin or a BadPlugin. Of two
  // that have one name the first counts. A folder that is not there holds nothing. Never fails as a whole.
  static Catalogue scan(std::span<const std::filesystem::path> folders);
  // $EARSHOT_PLUGIN_PATH (colon-separated), then lib/earshot/plugins beside the program's folder.
  static std::vector<std::filesystem::path> default_folders();

  // Null where no plugin is called that. The description lives as long as the catalogue.
  [[nodiscard]] const PluginDescription* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;  // sorted
  [[nodiscard]] std::filesystem::path file(std::string_view name) const;
  [[nodiscard]] std::span<const BadPlugin> bad() const { return bad_; }

  // Opens the library (now, local, never unloaded) and returns its entry. Errors: kNotFound, kUnsupported (the ABI
  // does not fit), kIo (the loader's own words).
  [[nodiscard]] Result<const PluginEntry*> load(std::string_view name) const;

  // For tests: a plugin that is part of the process.
  void add(const PluginEntry& entry);

 private:
  // Invariants: the key is description.name; exactly one of file and entry is set.
  struct Plugin {
    PluginDescription description;
    std::filesystem::path file;  // empty for a plugin that is part of the process
    const PluginEntry* entry = nullptr;
  };
  static Result<PluginDescription> examine(const std::filesystem::path& file);
  void add_folder(const std::filesystem::path& folder);

  std::map<std::string, Plugin, std::less<>> plugins_;
  std::vector<BadPlugin> bad_;
};

}  // namespace earshot::plugins
