// GraphInput: graph files as commands open them: with --set and --use, the plugins that are there, and the parts that
// are installed beside the program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "arguments.h"
#include "earshot/pipeline/graph/check.h"
#include "earshot/pipeline/plugins/catalogue.h"

namespace earshot::tools {

// --set and --use.
void declare_graph_options(boost::program_options::options_description& options);

// Where the graphs and their parts are installed: ../share/earshot/graphs of the program's folder.
std::filesystem::path installed_graphs();

// The plugins of Catalogue::default_folders().
plugins::Catalogue scan_plugins();

// Whether what weights say is asked for: plugins are loaded and weight files looked at.
enum class Weights : bool { kClosed, kOpened };

class GraphInput {
 public:
  // Scans the plugins.
  explicit GraphInput(const Arguments& arguments);

  [[nodiscard]] const plugins::Catalogue& catalogue() const { return catalogue_; }
  // An assignment of the command's own, said to come from word `argument`.
  void set(std::string assignment, int argument) { overrides_.sets.push_back({std::move(assignment), argument}); }
  [[nodiscard]] graph::CheckResult check(const std::filesystem::path& file, Weights weights,
                                         std::size_t turn = 0) const;
  // Prints to stderr what is wrong and what is worth knowing; nothing when the graph is wrong.
  [[nodiscard]] std::optional<graph::ResolvedGraph> open(const std::filesystem::path& file,
                                                         Weights weights = Weights::kOpened) const;

 private:
  plugins::Catalogue catalogue_;
  graph::Overrides overrides_;
  bool quiet_;
};

}  // namespace earshot::tools
