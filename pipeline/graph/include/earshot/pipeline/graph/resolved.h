// The resolved graph: what a graph file says once everything that can be said wrong has been refused. Made by `check`,
// consumed by the runtime, `draw`, `plan` and the run folder. Plain data; every index refers into the vectors here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/contract/values.h"
#include "earshot/contract/weights_info.h"

namespace earshot::graph {

// The file of an Origin on the command line.
inline constexpr const char* kArgument = "argument";

// Where a value was written.
struct Origin {
  std::string file;  // as the user would type it; kArgument for --set and --use
  int line = 0;      // from 1; the argument's number for "argument"
  int column = 0;    // from 1, in code points
};

enum class FailurePolicy : std::uint8_t { kFail, kSkip, kQuarantine };

struct OnError {
  FailurePolicy policy = FailurePolicy::kFail;
  double budget_share = 1.0;  // of admitted items; more failures than this end the run
  std::optional<std::int64_t> budget_items;
};

struct ResolvedGroup {  // [[stage.adam.group]]
  std::string match;    // a regular expression over STAGE/PARAMETER, whole name
  std::optional<double> lr;
  std::optional<double> weight_decay;
  bool frozen = false;
  Origin origin;
};

struct ResolvedStage {
  std::string name;
  std::string plugin;
  PluginDescription description;
  OptionValues options;                   // every option, defaults and resolved autos included
  std::map<std::string, Origin> origins;  // of each option that was given
  std::map<std::string, std::map<std::string, std::string>> facts;  // resolved, by port then fact; per-item ones absent
  OnError on_error;
  bool trainable = false;  // reached by a step of some run entry, and not set to false
  bool cache = false;
  std::string cache_form;  // "fp16", "pcm16", "flac": how a cached value is kept; empty: exactly
  std::string device = "cpu";
  std::string precision = "fp32";
  std::vector<ResolvedGroup> groups;
  std::optional<WeightsInfo> weights;  // once they were opened, of a stage that has some
  Origin origin;
};

// One connection from an output to an input.
struct ResolvedEdge {
  int from = 0;       // node of the flow
  int from_port = 0;  // index into description.outputs
  int to = 0;
  int to_port = 0;   // index into description.inputs
  std::string wire;  // name of the wire in the file
  Origin origin;
};

// How rows travel through a node.
enum class Level : std::uint8_t { kItem, kBatch, kStream };

struct ResolvedNode {
  int stage = 0;     // into ResolvedGraph::stages
  std::string view;  // the source view that feeds it; empty for a collect that joins several
  Level level = Level::kItem;
  int expand = -1;  // the node of this flow whose children it sees, or, a collapse, brings back; -1 outside any expand
};

// Nodes are in topological order; a source that feeds several views appears once a view.
struct ResolvedFlow {
  std::string name;
  std::string split;                      // handed to the source
  std::int64_t batch = 1;                 // rows of a batch
  std::int64_t budget_items = 0;          // tokens; 0 = chosen by the runtime
  std::int64_t budget_bytes = 0;          // tokens; 0 = chosen by the runtime
  std::int64_t limit = 0;                 // records admitted per view; 0 = all
  bool shuffle = false;                   // training order: see plan_epoch
  bool trains = false;                    // holds a step
  std::map<std::string, double> weights;  // data set -> weight in the training order; empty = by size
  std::vector<ResolvedNode> nodes;
  std::vector<ResolvedEdge> edges;
  Origin origin;
};

struct ResolvedValidation {
  std::string flow;
  OptionValues set;
  std::optional<double> every_share;  // of an epoch
  std::optional<std::int64_t> every_steps;
  std::string select;  // metric, larger is better
  std::int64_t keep = 1;
  int resolved = -1;  // into ResolvedRun::flows
};

enum class WeightsChoice : std::uint8_t { kLast, kBest };

struct ResolvedRun {
  std::string flow;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> steps;
  std::string init;  // run folder or checkpoint; empty = none
  bool fresh_optimiser = false;
  WeightsChoice weights = WeightsChoice::kLast;
  std::int64_t best_count = 1;  // of kBest: how many are averaged
  std::vector<ResolvedValidation> validate;
  // The flows of this entry with its own `set` applied: [0] is the entry's flow, others those of its validations.
  std::vector<ResolvedFlow> flows;
  Origin origin;
};

struct RepeatValue {  // one turn of [repeat]: the overrides that define it
  std::map<std::string, OptionValue> set;
};

struct ResolvedGraph {
  std::string file;
  std::string title;
  std::uint64_t seed = 1;
  std::vector<ResolvedStage> stages;
  std::vector<ResolvedFlow> flows;
  std::vector<ResolvedRun> runs;
  std::vector<RepeatValue> repeats;  // empty = the run list runs once
  std::string cache_path;
  std::int64_t cache_quota = 0;  // bytes; 0 = as many as there are
  std::string text;              // the resolved graph as TOML with origins as comments, for the run folder
};

}  // namespace earshot::graph
