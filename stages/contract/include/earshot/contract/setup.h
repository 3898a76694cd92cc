// Setup: what a stage is told once, when it is created.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/content_id.h"
#include "earshot/contract/result.h"

namespace earshot {

// The processes of one run. One process today; several machines will implement the same two calls.
struct World {
  int rank = 0;
  int size = 1;
};

// [[stage.NAME.group]] of a step: how the parameters that `match` fits are updated. The first fitting group wins.
struct ParameterGroup {
  std::string match;  // regular expression over STAGE/PARAMETER, whole name
  std::optional<double> lr;
  std::optional<double> weight_decay;
  bool frozen = false;
};

struct Setup {
  std::string stage;  // the stage's name in the graph: keys random draws and names parameters
  std::map<std::string, std::map<std::string, std::string>> facts;  // resolved facts by port, then by fact
  bool trainable = false;                                           // a step of some run entry updates this stage
  int compute_threads = 1;  // threads a stage on the compute lane may use inside one call
  std::uint64_t seed = 0;
  std::vector<ParameterGroup> groups;  // of a step
  std::string device = "cpu";
  std::string precision = "fp32";
  World world;
  const ContentIds* contents = nullptr;  // for sources; outlives the stage; null where nothing is remembered

  // The resolved fact, or an empty text where the port or the fact has none. Where an input and an output share a
  // name, the input's fact counts, and the output's only where the input has none of its own (it comes per item).
  [[nodiscard]] std::string fact(std::string_view port, std::string_view name) const;
  // The fact as a positive whole number. Errors: kInternal when it is none.
  [[nodiscard]] Result<std::int64_t> number(std::string_view port, std::string_view name) const;
};

}  // namespace earshot
