// Layers: a graph file with everything that it is built on, as one tree.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "earshot/pipeline/graph/check.h"
#include "findings.h"
#include "tree.h"

namespace earshot::graph {

struct Layers {
  Table tree;
  std::vector<std::filesystem::path> part_folders;  // where parts were looked for: base/ folders, outermost first
};

// The file, what it extends, the parts that it uses, --use and --set, merged in this order. Nothing, with findings,
// where a file cannot be read or is no TOML. `extends`, `use` and `format` are dealt with here and not in the tree. A
// part is looked for in base/ beside the graph, beside each file that it extends, and in the folders of `overrides`.
std::optional<Layers> load_layers(const std::filesystem::path& file, const Overrides& overrides, Sources& sources,
                                  Findings& findings);

}  // namespace earshot::graph
