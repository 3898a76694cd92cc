#include "earshot/pipeline/plugins/probe.h"

#include <cstring>
#include <utility>

#include "earshot/pipeline/plugins/child.h"
#include "earshot/pipeline/plugins/library.h"
#include "earshot/pipeline/plugins/validate.h"
#include "sidecar.h"

namespace earshot::plugins {
namespace {

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t end = text.rfind('\n');
  return std::string(end == std::string_view::npos ? text : text.substr(end + 1));
}

std::string seconds(std::chrono::milliseconds limit) {
  const auto tenths = limit.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Result<std::string> describe_library(const std::filesystem::path& file, const std::function<void()>& loaded) {
  const Result<std::string> build_id = inspect_library(file);
  if (!build_id.ok()) return build_id.error();
  const Result<EntryFunction> function = load_library(file);
  if (!function.ok()) return function.error();
  loaded();
  const Result<const PluginEntry*> entry = read_entry(*function);
  if (!entry.ok()) return entry.error();
  if (Status usable = check_description(*(*entry)->description); !usable.ok()) return std::move(usable).error();
  return sidecar_text(*build_id, *(*entry)->description);
}

Result<PluginDescription> probe_library(const std::filesystem::path& probe, const std::filesystem::path& file,
                                        const std::string& build_id, std::chrono::milliseconds limit) {
  const Result<ChildEnd> end = run_child({probe.string(), file.string()}, limit);
  if (!end.ok()) return end.error();
  const char* doing = end->errors.find(kLoadedLine) == std::string::npos ? "being loaded" : "describing itself";
  if (end->timed_out)
    return Error{ErrorCode::kUnsupported, std::string("hangs while ") + doing + ": no end after " + seconds(limit)};
  if (end->signal != 0)
    return Error{ErrorCode::kUnsupported, std::string("crashes while ") + doing + ": " + strsignal(end->signal)};
  if (end->exit_code != 0) return Error{ErrorCode::kUnsupported, last_line(end->errors)};
  Result<PluginDescription> description = parse_sidecar(end->output, build_id);
  if (!description.ok())
    return Error{ErrorCode::kCorruptInput, "was not understood by earshot_probe: " + description.error().message};
  return description;
}

}  // namespace earshot::plugins
