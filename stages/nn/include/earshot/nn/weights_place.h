// WeightsPlace: where the weights lie that a graph names: `weights = "random" | NAME | PATH`. No LibTorch.
//
// "random"   nothing is read: drawn from the seed
// NAME       an entry of data/weights.toml (built in), looked for below $EARSHOT_WEIGHTS, then where
//            tools/setup puts some: ~/.cache/earshot/weights, or $XDG_CACHE_HOME/earshot/weights
// PATH       anything with a '/' in it, or that is there: a safetensors file, or a folder as Hugging Face publishes
//            models (config.json, model.safetensors or its index of shards)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/contract/weights_info.h"

namespace earshot::nn {

struct WeightsPlace {
  std::filesystem::path folder;              // what belongs to the weights lies here: config.json, vocabularies
  std::vector<std::filesystem::path> files;  // safetensors, sorted; empty when drawn

  [[nodiscard]] bool drawn() const noexcept { return files.empty(); }
  // What the engine wants to know of weights of any kind: files, or that there are none and what that means.
  [[nodiscard]] WeightsInfo info() const;
};

// Looks at names and sizes only. Errors: kNotFound naming what is absent, where it is published and the command that
// converts it; kInvalidArgument for a name that nothing has, with those there are; kCorruptInput for a file of another
// size than its entry says, or an index of shards that is none.
Result<WeightsPlace> find_weights(const std::string& weights);

// The folders in which a NAME is looked for, in this order, whether they are there or not.
std::vector<std::filesystem::path> weights_homes();
// Every NAME, sorted.
std::vector<std::string> weights_names();

}  // namespace earshot::nn
