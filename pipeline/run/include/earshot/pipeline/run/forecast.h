// Forecast: what a pass over a flow would do and what it would cost: every item is stamped as a run would stamp it, and
// none is run. Files whose content is not known are not read, unless a quota asks how much would be written: then their
// headers are.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earshot/pipeline/graph/resolved.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "earshot/pipeline/run/runner.h"

namespace earshot::run {

// One node of a flow.
struct StageForecast {
  std::string stage;
  std::string plugin;
  std::string view;                             // of a source
  bool children = false;                        // it sees parts of records
  std::int64_t items = 0;                       // a record that cannot be opened beforehand counts as one part
  std::int64_t hits = 0;                        // of those, spared by what is kept
  std::int64_t misses = 0;                      // of those, to be computed
  std::map<std::string, std::int64_t> reasons;  // of misses: why -> items
  std::int64_t bytes_read = 0;                  // of files and of kept values, for what it computes
  std::int64_t bytes_written = 0;               // of values that it would keep, as far as that is known
  bool writes_more = false;                     // it would keep values of a size that is not known beforehand
  std::optional<double> seconds;                // summed over items, as one after the other; nothing: no earlier run
  double again_s = 0;                           // the same once everything is kept
};

struct PassForecast {
  std::vector<StageForecast> stages;  // by node
  std::int64_t records = 0;
  std::int64_t bytes_written = 0;
  bool writes_more = false;
  std::optional<double> seconds;        // nothing where some stage never ran on this machine with this store
  std::optional<double> again_seconds;  // of another epoch
};

// Prices passes of one graph. Opens sources and the store to look at them; changes nothing. Not thread-safe.
class Forecaster {
 public:
  // `options`: threads, limit, shard, how files are hashed. Everything outlives it. Errors: those of the store.
  static Result<std::unique_ptr<Forecaster>> open(const graph::ResolvedGraph& graph,
                                                  const plugins::Catalogue& catalogue, const RunOptions& options);
  ~Forecaster();
  Forecaster(const Forecaster&) = delete;
  Forecaster& operator=(const Forecaster&) = delete;

  // Errors: those of sources, recipes and the store.
  Result<PassForecast> pass(const graph::ResolvedFlow& flow);
  // What a run costs besides its passes: start-up, the run folder. Nothing: no earlier run on this machine.
  [[nodiscard]] std::optional<double> around_s() const;
  // Why `bytes` more would not fit; nothing where they do, or where the graph has no quota.
  [[nodiscard]] std::optional<Error> refusal(std::int64_t bytes) const;

 private:
  struct Parts;
  explicit Forecaster(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace earshot::run
