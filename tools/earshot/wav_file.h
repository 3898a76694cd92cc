// A mono WAV file of 32-bit floats: the samples exactly as they are. Source: RIFF WAVE, format tag 3 (IEEE float).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace earshot::tools {

// [frame] samples. Precondition: fewer than 2^30 frames.
std::vector<std::byte> wav_file(std::span<const float> samples, std::int64_t sample_rate_hz);

}  // namespace earshot::tools
