// The data path as bare library calls in a plain loop: what a graph of stages is measured against.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::bench {

constexpr std::int64_t kCrop_ms = 10'000;
constexpr std::int64_t kRate_hz = 32'000;

// Seconds that each step took, summed over clips.
struct StepTimes {
  double decode_s = 0;
  double resample_s = 0;
  double log_mel_s = 0;
};

// Every file once: a random crop of 10 s, at 32 kHz, as PaSST's log-mel; `threads` threads take one file after another.
// Errors: those of the first file that failed.
Result<StepTimes> plain_loop(const std::vector<std::filesystem::path>& files, int threads, std::uint64_t seed);

}  // namespace earshot::bench
