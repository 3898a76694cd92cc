// Samples of 16 bits as FLAC in memory, and back, by libsndfile. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::cache {

// Empty for no samples. Errors: kInternal where libsndfile has no FLAC, kTooLarge.
Result<std::vector<std::byte>> to_flac(std::span<const std::int16_t> samples);
// `count`: how many there must be. Errors: kCorruptInput.
Result<std::vector<std::int16_t>> from_flac(std::span<const std::byte> bytes, std::size_t count);

}  // namespace earshot::cache
