// The sounds that the data path is measured on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::bench {

// The .flac files of a folder, in the order of their names. Errors: kNotFound where there is none.
Result<std::vector<std::filesystem::path>> find_flac_files(const std::filesystem::path& folder);

// Writes `count` files of 30 s, 44.1 kHz, mono, 16 bit into `folder`, unless they are there: chords that come and go
// over pink noise, which FLAC makes about half as large. Errors: kIo.
Result<std::vector<std::filesystem::path>> make_flac_files(const std::filesystem::path& folder, std::int64_t count);

}  // namespace earshot::bench
