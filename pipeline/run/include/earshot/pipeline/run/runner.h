// run_graph: runs the [[run]] entries of a graph, once or once a value of [repeat], and leaves a run folder from which
// it can go on after any interruption with the same bits.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "earshot/contract/stage.h"
#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "earshot/pipeline/report/progress.h"
#include "earshot/pipeline/report/run_folder.h"
#include "earshot/pipeline/run/cache_use.h"
#include "earshot/pipeline/run/outcome.h"
#include "earshot/pipeline/run/shard.h"

namespace earshot::run {

// The graph of one turn of [repeat].
using ResolveTurn = std::function<Result<graph::ResolvedGraph>(const graph::RepeatValue& turn)>;

struct RunOptions {
  std::filesystem::path out;
  bool resume = false;
  int threads = 0;             // flow-graph workers; 0 = as many as there are cores
  int compute_threads = 0;     // threads inside one call on the compute lane; 0 = as many as there are cores
  std::int64_t limit = 0;      // records admitted per view; 0 = all
  std::function<bool()> stop;  // asked often; true drains and ends
  Shard shard;                 // of all records
  CacheUse cache;              // how cached stages keep their values; path, quota and shard are set by the run
  report::Progress* progress = nullptr;                                            // not owned
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();  // what `seconds` counts from
  std::clock_t processor_begun = std::clock();  // what `processor_seconds` counts from
};

enum class RunEnd : std::uint8_t { kDone, kAlreadyDone, kStopped, kFailed };

struct FlowResult {
  int repeat = -1;  // -1: no [repeat]
  std::string flow;
  std::string split;
  std::string stage;
  Report report;
};

struct RunSummary {
  RunEnd end = RunEnd::kDone;
  std::optional<Error> error;  // of kFailed; the run folder then holds everything up to the last checkpoint
  Conservation items;
  std::optional<CacheFigures> cache;  // nothing where no stage is cached
  std::vector<FlowResult> results;    // of the entries that do not train, in order
  std::vector<std::string> notes;     // what sources and weights say must stand beside results
  std::vector<std::pair<std::string, double>> seconds_by_stage;         // summed over threads, largest first
  std::vector<std::pair<std::string, std::int64_t>> computed_by_stage;  // items, where values are kept
  double seconds = 0;
  double processor_seconds = 0;  // of all threads of the process
  double lane_seconds = 0;       // in which the compute lane worked, a GPU that it waits for included
};

// Why a graph cannot be run in shards: a flow that trains or collects whole streams. Nothing where it can.
std::optional<Error> why_not_sharded(const graph::ResolvedGraph& graph);

// With several shards, the run folder is `out`/shard-i. Errors: of what comes before the first item: the run folder,
// its checkpoint.
Result<RunSummary> run_graph(const graph::ResolvedGraph& graph, const ResolveTurn& resolve,
                             const plugins::Catalogue& catalogue, const RunOptions& options);

// What flows through chosen outputs of a flow, without training: for peek, search and embed.
struct Watch {
  std::string flow;
  std::string stage;              // empty = every stage of the flow
  std::int64_t limit = 3;         // records per view; 0 = all
  std::filesystem::path weights;  // a run folder whose final weights are loaded; empty = fresh stages
  bool training = false;          // random augmentation on
};

struct Seen {
  std::string stage;
  std::string port;
  std::int64_t sequence = 0;
  Row row;
};

// Rows in order of stage, port and sequence; what is skipped or quarantined on the way is noted as progress. Errors:
// unknown flow or stage, and whatever ends the pass.
Result<std::vector<Seen>> watch(const graph::ResolvedGraph& graph, const plugins::Catalogue& catalogue,
                                const Watch& what, const RunOptions& options);

}  // namespace earshot::run
