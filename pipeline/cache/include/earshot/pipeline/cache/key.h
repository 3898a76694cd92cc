// Keys: what a value that a stage made depends on. Two values with one key are equal to the bit (on one class of
// machine where the stage is `numeric`).
//
//   key of an output = XXH3-128 of (recipe, port, contents)
//
// A recipe says for a stage and for all before it: plugin, algorithm version, options that affect the output and are
// not their default, resolved facts, precision, the form in which a cached value is kept, weights. Names and order of
// stages, comments, paths, threads and devices do not count; a file among the options counts by its content. Contents
// are those of the source's ports that the value is computed from. A selector (a header-only stage) is no part of a
// recipe: the range that it chose is part of the contents, so that equal ranges are equal however they came about.
//
// Pure functions of a resolved flow; safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/contract/time_range.h"
#include "earshot/pipeline/cache/entry.h"
#include "earshot/pipeline/graph/resolved.h"

namespace earshot::cache {

// A port of a source from which a value is computed, and the selector, if any, that chose its range. Nodes of the flow.
struct Origin {
  int source = 0;
  int port = 0;
  int selector = -1;
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct Recipe {
  std::string hash;             // 32 hexadecimal digits
  Description description;      // the same for people
  std::vector<Origin> origins;  // each once
  bool children = false;        // behind an expand that is no selector: which child it is counts
  bool numeric = false;         // the same bits only on one class of machine
  bool on_gpu = false;          // some of it is computed there
  bool ranged = false;          // computes any range of its source: values are kept in segments
};

// The content id of a file that an option names, or of a folder of files.
using FileId = std::function<Result<std::string>(const std::filesystem::path& file)>;

// By node of the flow. Errors: those of `file_id`.
Result<std::vector<Recipe>> recipes_of(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                       const FileId& file_id);

// "CONTENT", or "CONTENT 1500+10000" for a range in ms ("1500+" to the end).
std::string contents_text(std::string_view content, const std::optional<TimeRange>& range);
ContentKey key_of(const Recipe& recipe, std::string_view port, std::string_view contents);

// A part that two descriptions have differently; empty where one of them lacks it.
struct ChangedPart {
  std::string name;
  std::string before;
  std::string after;
};
// By name.
std::vector<ChangedPart> changed_parts(const Description& before, const Description& after);

}  // namespace earshot::cache
