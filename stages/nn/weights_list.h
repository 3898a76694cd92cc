// The entries of data/weights.toml, which is built in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace earshot::nn {

struct KnownWeights {
  std::string name;
  std::string file;         // file or folder below $EARSHOT_WEIGHTS
  std::uint64_t bytes = 0;  // of the safetensors files together; 0: not known
  std::string sha256;       // of the one file; empty: not known
  std::string published;    // where, and as which file
};

// By name.
const std::vector<KnownWeights>& known_weights();

}  // namespace earshot::nn
