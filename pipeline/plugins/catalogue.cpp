#include "earshot/pipeline/plugins/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>

#include "earshot/pipeline/plugins/child.h"
#include "earshot/pipeline/plugins/library.h"
#include "earshot/pipeline/plugins/probe.h"
#include "earshot/pipeline/plugins/validate.h"
#include "sidecar.h"

namespace earshot::plugins {

Catalogue Catalogue::scan(std::span<const std::filesystem::path> folders) {
  Catalogue catalogue;
  std::set<std::filesystem::path> seen;
  for (const std::filesystem::path& folder : folders) {
    std::error_code failure;
    if (seen.insert(std::filesystem::weakly_canonical(folder, failure)).second) catalogue.add_folder(folder);
  }
  return catalogue;
}

void Catalogue::add_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().extension() == ".so") files.push_back(at->path());
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    Result<PluginDescription> description = examine(file);
    if (!description.ok()) {
      bad_.push_back({file, description.error().message});
      continue;
    }
    const std::string name = description->name;
    const auto [at, added] = plugins_.try_emplace(name, Plugin{std::move(description).value(), file, nullptr});
    if (!added) bad_.push_back({file, "is called \"" + name + "\", as " + at->second.file.string() + " is"});
  }
}

Result<PluginDescription> Catalogue::examine(const std::filesystem::path& file) {
  const Result<std::string> build_id = inspect_library(file);
  if (!build_id.ok()) return build_id.error();
  Result<PluginDescription> description = read_sidecar(file, *build_id);
  if (!description.ok()) {
    const std::filesystem::path probe = find_helper("earshot_probe");
    if (probe.empty())
      return Error{ErrorCode::kNotFound,
                   "has no description file of its build, and there is no earshot_probe to ask it"};
    description = probe_library(probe, file, *build_id);
  }
  if (!description.ok()) return description;
  if (Status usable = check_description(*description); !usable.ok()) return std::move(usable).error();
  return description;
}

std::vector<std::filesystem::path> Catalogue::default_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* path = std::getenv("EARSHOT_PLUGIN_PATH"); path != nullptr) {
    std::string_view left = path;
    while (!left.empty()) {
      const std::string_view folder = left.substr(0, left.find(':'));
      if (!folder.empty()) folders.emplace_back(folder);
      left.remove_prefix(std::min(folder.size() + 1, left.size()));
    }
  }
  std::error_code failure;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  folders.push_back((program.parent_path() / "../lib/earshot/plugins").lexically_normal());
  return folders;
}

const PluginDescription* Catalogue::find(std::string_view name) const {
  const auto found = plugins_.find(name);
  return found == plugins_.end() ? nullptr : &found->second.description;
}

std::vector<std::string> Catalogue::names() const {
  std::vector<std::string> names;
  for (const auto& [name, plugin] : plugins_) names.push_back(name);
  return names;
}

std::filesystem::path Catalogue::file(std::string_view name) const {
  const auto found = plugins_.find(name);
  return found == plugins_.end() ? std::filesystem::path() : found->second.file;
}

Result<const PluginEntry*> Catalogue::load(std::string_view name) const {
  const auto found = plugins_.find(name);
  if (found == plugins_.end()) return Error{ErrorCode::kNotFound, "no plugin is called \"" + std::string(name) + "\""};
  const Plugin& plugin = found->second;
  if (plugin.entry != nullptr) return plugin.entry;
  const auto named = [&](const Error& error) { return Error{error.code, plugin.file.string() + " " + error.message}; };
  // Again: the file may have changed since the scan.
  if (const Result<std::string> build_id = inspect_library(plugin.file); !build_id.ok()) return named(build_id.error());
  const Result<EntryFunction> function = load_library(plugin.file);
  if (!function.ok()) return named(function.error());
  const Result<const PluginEntry*> entry = read_entry(*function);
  if (!entry.ok()) return named(entry.error());
  if ((*entry)->description->name != name)
    return Error{ErrorCode::kUnsupported, plugin.file.string() + " has changed since it was listed: start again"};
  return *entry;
}

void Catalogue::add(const PluginEntry& entry) {
  plugins_[entry.description->name] = Plugin{*entry.description, {}, &entry};
}

}  // namespace earshot::plugins
