// A matrix as a picture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "earshot/contract/result.h"

namespace earshot::tools {

// PNG in grey, the smallest value black, the largest white, row 0 at the bottom: a spectrogram as people draw it.
// `values` are [row, column]. Errors: kUnsupported without a single value, kIo.
Status write_image(const std::filesystem::path& file, std::span<const float> values, std::int64_t rows,
                   std::int64_t columns);

}  // namespace earshot::tools
