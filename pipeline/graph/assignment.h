// Assignment: `stage.audio.plugin = "beats"` from the command line, a `set` table or [repeat], and how it is put into a
// tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings.h"
#include "tree.h"

namespace earshot::graph {

struct PathPart {
  std::string name;
  Span span;
};

struct Assignment {
  std::vector<PathPart> path;  // never empty
  Value value;
};

// `PATH=VALUE` of --set. Nothing, with a finding, when it is none.
std::optional<Assignment> parse_assignment(std::string_view text, int argument, Findings& findings);
// Those of a table whose keys are dotted paths or tables in tables.
std::vector<Assignment> assignments_of(const Table& table);
// "stage.audio.plugin".
std::string path_text(const Assignment& assignment);

// Options of `stage` that were written for its present plugin are marked as left over, should it become `plugin`.
void mark_left_over(Table& stage, const std::string& plugin);
// Puts the value into the tree. A stage or flow that is not there, an element past the end of a list or a path through
// a plain value is a finding.
void assign(Table& root, Assignment assignment, Findings& findings);

}  // namespace earshot::graph
