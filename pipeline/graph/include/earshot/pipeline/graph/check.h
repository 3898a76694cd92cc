// check: from a graph file to a resolved graph, or to every mistake in it at once.
//
// Order of the layers, later wins: the file named by `extends` (with its own `use`), this file's `use`, this file's
// tables, --use, --set, the turn of [repeat], a run entry's `set`. Opens no plugin: descriptions are asked for by name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/contract/result.h"
#include "earshot/contract/weights_info.h"
#include "earshot/pipeline/graph/diagnostic.h"
#include "earshot/pipeline/graph/resolved.h"

namespace earshot::graph {

// What the checker must know of the plugins that are there.
class Plugins {
 public:
  virtual ~Plugins() = default;
  // Null where no plugin is called that. The description outlives the check.
  [[nodiscard]] virtual const PluginDescription* find(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
  // What the weights of a stage of that plugin say, with these options. Nothing where they are not to be opened: then
  // late facts stay open.
  [[nodiscard]] virtual Result<std::optional<WeightsInfo>> weights(const std::string& /*name*/,
                                                                   const OptionValues& /*options*/) const {
    return std::optional<WeightsInfo>();
  }
};

// A value of the command line.
struct Override {
  std::string text;  // "stage.audio.plugin=beats" of --set, "audio/beats" of --use
  int argument = 0;  // its number on the command line: the line of its origin
};

struct Overrides {
  std::vector<Override> sets;
  std::vector<Override> uses;
  std::vector<std::filesystem::path> graph_folders;  // graphs/ of an installation: searched last
  std::size_t turn = 0;                              // of [repeat], from 0; without one there is turn 0 only
};

struct CheckResult {
  std::optional<ResolvedGraph> graph;   // present exactly when there are no errors
  std::vector<Diagnostic> diagnostics;  // sorted by file, line and column; notes among them
  [[nodiscard]] bool ok() const { return graph.has_value(); }
};

// Never throws for anything a file may hold; takes at most 1 MiB a file. Safe from any thread.
// Turn 0 checks the values of every turn.
CheckResult check(const std::filesystem::path& file, const Overrides& overrides, const Plugins& plugins);

}  // namespace earshot::graph
