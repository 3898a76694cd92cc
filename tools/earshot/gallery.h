// Gallery: what a search looks through: a vector for each recording, or for each window of one, and what is known of
// it.
//
// Where vectors come from: the files that the stage `index` left in a run folder (index.npy, index.jsonl), or a flow
// that is run now. Vectors have length 1.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/pipeline/run/runner.h"

namespace earshot::tools {

struct GalleryRow {
  std::string id;
  std::string file;  // the id where no file is known
  double start_s = 0;
  std::optional<double> length_s;
  std::string caption;  // empty where none is known
};

struct Gallery {
  std::size_t dim = 0;
  std::vector<float> vectors;  // [row, dim]
  std::vector<GalleryRow> rows;

  [[nodiscard]] std::span<const float> vector(std::size_t row) const {
    return std::span(vectors).subspan(row * dim, dim);
  }
};

struct Hit {
  std::size_t row = 0;
  double score = 0;  // cosine, -1 to 1
};

// The best row of each file, best file first, at most `count`; equal scores in the order of the gallery.
// Precondition: question.size() == gallery.dim.
std::vector<Hit> best_hits(const Gallery& gallery, std::span<const float> question, std::size_t count);

// A flow of a graph with the weights of a run.
struct TrainedFlow {
  const graph::ResolvedGraph& graph;
  const plugins::Catalogue& catalogue;
  const run::RunOptions& options;
  std::filesystem::path run;
  const graph::ResolvedFlow& flow;
};

// Null where the graph has no such flow.
const graph::ResolvedFlow* find_flow(const graph::ResolvedGraph& graph, const std::string& name);

// The end of a flow whose last stage gives vectors. Errors: kInvalidArgument where it has no such end.
Result<int> last_embedding(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow);
// The node behind which a flow's collect gets the vectors of recordings (its input `audio`). Errors: as above.
Result<int> collected_audio(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow);

// Runs the flow up to `node`: vectors, and from the stages before it file, start, length and caption.
Result<Gallery> compute_gallery(const TrainedFlow& trained, int node);
// What the stage `index` left; nothing where it left nothing. Errors: kCorruptInput, kIo.
Result<std::optional<Gallery>> stored_gallery(const std::filesystem::path& run);

}  // namespace earshot::tools
