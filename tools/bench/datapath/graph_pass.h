// The data path as a graph: the same steps as stages from plugins, run by the engine.
#pragma once

#include <cstdint>
#include <filesystem>

#include "earshot/contract/plugin.h"
#include "earshot/contract/result.h"
#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/plugins/catalogue.h"

namespace earshot::bench {

// A graph that takes every FLAC file below a folder through crop, decode, resample and logmel as in training.
class GraphPass {
 public:
  // Writes the graph file into `scratch`. Errors: kNotFound where plugins are missing, what `check` says.
  static Result<GraphPass> create(const std::filesystem::path& folder, const std::filesystem::path& scratch);

  // Every file once. Errors: those of the engine; kInternal where not every clip arrived.
  [[nodiscard]] Status run(std::size_t clips, int threads, std::uint64_t seed);

 private:
  GraphPass(plugins::Catalogue catalogue, graph::ResolvedGraph resolved)
      : catalogue_(std::move(catalogue)), graph_(std::move(resolved)) {}

  plugins::Catalogue catalogue_;
  graph::ResolvedGraph graph_;
};

}  // namespace earshot::bench
