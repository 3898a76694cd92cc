#include "graph_pass.h"

#include <fstream>
#include <string>
#include <utility>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/contract/embedding.h"
#include "earshot/pipeline/graph/check.h"
#include "earshot/pipeline/run/runner.h"

namespace earshot::bench {
namespace {

// Stands where an encoder stands: states what PaSST needs, takes the spectrogram and gives one number.
class End final : public Map {
 public:
  static auto contract() {
    return Contract<NoOptions>("end", /*algorithm=*/1, "takes PaSST's spectrograms and gives one number for each")
        .input<Mel>("mel", constant_fact("sample_rate", "32000"),
                    constant_fact("front_end", audio::FrontEnd::passt().to_text()))
        .output<PlainEmbedding>("embedding", constant_fact("dim", "1"))
        .deterministic();
  }
  End(const NoOptions&, const Setup&) {}
  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    return Outputs{PlainEmbedding({inputs.get<Mel>("mel").values()[0]})};
  }
};

class KnownPlugins final : public graph::Plugins {
 public:
  explicit KnownPlugins(const plugins::Catalogue& catalogue) : catalogue_(catalogue) {}
  [[nodiscard]] const PluginDescription* find(std::string_view name) const override { return catalogue_.find(name); }
  [[nodiscard]] std::vector<std::string> names() const override { return catalogue_.names(); }

 private:
  const plugins::Catalogue& catalogue_;
};

std::string graph_text(const std::filesystem::path& folder) {
  std::string text = "format = 1\ntitle = \"data path\"\n\n[stage.corpus]\nplugin = \"folder\"\npath = '" +
                     std::filesystem::absolute(folder).string() + "'\n";
  for (const char* const stage : {"crop", "decode", "resample", "logmel", "end"})
    text += std::string("\n[stage.") + stage + "]\nplugin = \"" + stage + "\"\n";
  return text +
         "\n[flow.path.wires]\naudio = \"corpus.recordings.audio -> crop -> decode -> resample -> logmel -> end\"\n";
}

}  // namespace

Result<GraphPass> GraphPass::create(const std::filesystem::path& folder, const std::filesystem::path& scratch) {
  std::error_code failure;
  std::filesystem::create_directories(scratch, failure);
  const std::filesystem::path file = scratch / "datapath.toml";
  if (!(std::ofstream(file) << graph_text(folder))) return Error{ErrorCode::kIo, file.string() + ": cannot be written"};
  plugins::Catalogue catalogue = plugins::Catalogue::scan(plugins::Catalogue::default_folders());
  catalogue.add(*detail::plugin_entry<End>());
  graph::CheckResult checked = graph::check(file, {}, KnownPlugins(catalogue));
  if (!checked.ok()) return Error{ErrorCode::kInvalidArgument, graph::format(checked.diagnostics)};
  return GraphPass(std::move(catalogue), std::move(*checked.graph));
}

Status GraphPass::run(std::size_t clips, int threads, std::uint64_t seed) {
  graph_.seed = seed;
  run::RunOptions options;
  options.threads = threads;
  const auto seen =
      run::watch(graph_, catalogue_, {.flow = "path", .stage = "end", .limit = 0, .training = true}, options);
  if (!seen.ok()) return seen.error();
  if (seen->size() != clips)
    return Error{ErrorCode::kInternal,
                 std::to_string(seen->size()) + " of " + std::to_string(clips) + " clips arrived at the end"};
  return {};
}

}  // namespace earshot::bench
