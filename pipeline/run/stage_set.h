// StageSet: the instances of a graph's stages. Made on demand ("a stage that no item needs is never built"), stages of
// the compute lane on the lane's thread, in the order of the graph.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/plugin.h"
#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "lane.h"

namespace earshot::run {

class StageSet {
 public:
  StageSet(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue, ComputeLane& lane,
           int compute_threads);
  ~StageSet();
  StageSet(const StageSet&) = delete;
  StageSet& operator=(const StageSet&) = delete;

  // What sources are told of files. Not owned; null: every file is read anew.
  const ContentIds* contents = nullptr;

  // Builds those of `stages` (indices into the graph) that are not there yet. The error names the stage.
  Status build(std::span<const int> stages);
  // Null when it was not built.
  [[nodiscard]] Stage* get(int stage) const { return instances_[static_cast<std::size_t>(stage)].get(); }
  [[nodiscard]] const plugins::Catalogue& catalogue() const { return catalogue_; }
  // Spent on building so far.
  [[nodiscard]] double building_s() const;
  [[nodiscard]] double building_s(int stage) const { return building_s_[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] std::size_t size() const { return instances_.size(); }

 private:
  Status build_one(int stage);

  const graph::ResolvedGraph& graph_;
  const plugins::Catalogue& catalogue_;
  ComputeLane& lane_;
  int compute_threads_;
  std::vector<double> building_s_;  // by stage
  std::vector<std::unique_ptr<Stage>> instances_;
};

}  // namespace earshot::run
