// WeightsInfo: what the weights of a stage say before the stage is made. A stage class that has any declares
// `static Result<WeightsInfo> weights(const Options&)`; the engine asks for it in `plan` and `run`, not in `check`.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace earshot {

inline constexpr const char* kWeightsOption = "weights";  // the option that says which, of every such stage

struct WeightsInfo {
  std::map<std::string, std::map<std::string, std::string>> facts;  // the late ones, by port, then by fact
  std::vector<std::filesystem::path> files;                         // whose bytes, in this order, are the weights
  bool drawn = false;              // there are no files: drawn from the seed and the stage's name
  std::vector<std::string> notes;  // sentences that a report prints beside results
};

}  // namespace earshot
