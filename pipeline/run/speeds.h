// Speeds: how long things took on this machine, in a file beside the store (speeds.json), so that the next run can be
// priced. A hint: what cannot be read or written is as if it were not there.
//
// Times of stages are as if items came one after the other on one core: thread seconds. `speedup` says how many of them
// passed in a second of the run that they were measured in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "earshot/pipeline/graph/resolved.h"

namespace earshot::run {

struct StageSpeed {
  std::int64_t runs = 0;  // items that the figures of computing are of
  double run_s = 0;       // an item
  std::int64_t reads = 0;
  double read_s = 0;          // an item whose value is read
  std::string kept_as;        // cache_form of these values
  double value_bytes = 0;     // mean of what was kept, a value
  std::string form;           // how values were made, weights aside: value_bytes holds for the same form only
  double sample_rate_hz = 0;  // of the sound that the figures are of, 0 where it has no one rate
  double items_a_record = 1;
  double build_s = 0;  // making the stage
  double speedup = 1;
};

struct Speeds {
  std::map<std::string, StageSpeed> stages;  // by stage_key
  std::int64_t records = 0;                  // that the figure of admission is of
  double admission_s = 0;                    // a record, before it starts
  double hashing_s = 0;                      // a byte of files
  double unpacking_s = 0;                    // a byte of kept values
  double around_s = 0;                       // a run, besides its passes

  // Of this stage, else of any stage with the same plugin; null where there is none.
  [[nodiscard]] const StageSpeed* find(const std::string& stage, const std::string& plugin) const;
};

// The largest sample rate among the facts of a stage's ports; 0 where they have none that holds for every item.
double sample_rate_hz(const graph::ResolvedStage& stage);

std::string stage_key(const std::string& stage, const std::string& plugin);

// What runs of this machine left in a folder of stores; of several shards the figures with the most runs. Nothing where
// none ran here.
std::optional<Speeds> load_speeds(const std::filesystem::path& folder);
// Replaces this machine's figures in the store's folder by newer ones; those of far fewer items do not count as newer.
void save_speeds(const std::filesystem::path& store, const Speeds& speeds);

}  // namespace earshot::run
