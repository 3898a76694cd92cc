// Container: the file format of checkpoints and saved weights. "EARSHOT-STATE-1\n", the length of a JSON header as
// eight bytes, the header (meta data and the name and size of every blob), the blobs, XXH3-64 of all before it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "earshot/contract/result.h"

namespace earshot::run {

struct Container {
  nlohmann::json meta;
  std::vector<std::pair<std::string, std::vector<std::byte>>> blobs;
};

std::vector<std::byte> pack(const Container& container);
// Errors: kNotFound, kIo, kCorruptInput (cut off, changed, or not such a file); sizes are checked before memory is
// taken.
Result<Container> read_container(const std::filesystem::path& file);

}  // namespace earshot::run
