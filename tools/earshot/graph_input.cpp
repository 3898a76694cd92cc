#include "graph_input.h"

#include <iostream>
#include <system_error>
#include <utility>
#include <vector>

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

class KnownPlugins final : public graph::Plugins {
 public:
  KnownPlugins(const plugins::Catalogue& catalogue, Weights weights) : catalogue_(catalogue), weights_(weights) {}
  [[nodiscard]] const PluginDescription* find(std::string_view name) const override { return catalogue_.find(name); }
  [[nodiscard]] std::vector<std::string> names() const override { return catalogue_.names(); }
  [[nodiscard]] Result<std::optional<WeightsInfo>> weights(const std::string& name,
                                                           const OptionValues& options) const override {
    if (weights_ == Weights::kClosed) return std::optional<WeightsInfo>();
    const Result<const PluginEntry*> entry = catalogue_.load(name);
    if (!entry.ok()) return entry.error();
    Result<WeightsInfo> said = (*entry)->weights(options);
    if (!said.ok()) return std::move(said).error();
    return std::optional<WeightsInfo>(std::move(said).value());
  }

 private:
  const plugins::Catalogue& catalogue_;
  Weights weights_;
};

}  // namespace

void declare_graph_options(po::options_description& options) {
  options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                        "another value, as in --set stage.adam.lr=1e-4; may be repeated, later wins");
  options.add_options()("use", po::value<std::vector<std::string>>()->composing()->value_name("PART"),
                        "another part, as in --use audio/cnn; may be repeated");
}

std::filesystem::path installed_graphs() {
  std::error_code failure;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return (program.parent_path() / "../share/earshot/graphs").lexically_normal();
}

plugins::Catalogue scan_plugins() { return plugins::Catalogue::scan(plugins::Catalogue::default_folders()); }

GraphInput::GraphInput(const Arguments& arguments) : catalogue_(scan_plugins()), quiet_(arguments.flag("quiet")) {
  for (Word& word : arguments.all("set")) overrides_.sets.push_back({std::move(word.text), word.number});
  for (Word& word : arguments.all("use")) overrides_.uses.push_back({std::move(word.text), word.number});
  overrides_.graph_folders = {installed_graphs()};
}

graph::CheckResult GraphInput::check(const std::filesystem::path& file, Weights weights, std::size_t turn) const {
  graph::Overrides overrides = overrides_;
  overrides.turn = turn;
  return graph::check(file, overrides, KnownPlugins(catalogue_, weights));
}

std::optional<graph::ResolvedGraph> GraphInput::open(const std::filesystem::path& file, Weights weights) const {
  graph::CheckResult checked = check(file, weights);
  if (!checked.ok() || !quiet_) std::cerr << graph::format(checked.diagnostics);
  return std::move(checked.graph);
}

}  // namespace earshot::tools
