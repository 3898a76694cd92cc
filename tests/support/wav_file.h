// A small WAV file for tests: mono, 16 bit, a sine.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace earshot::testing {

// Writes `frames` frames of a sine of `frequency_hz` at half of full scale; makes the folders above it.
inline void write_wav(const std::filesystem::path& path, std::uint32_t frames = 1600,
                      std::uint32_t sample_rate_hz = 16'000, double frequency_hz = 440) {
  std::string bytes;
  const auto put = [&bytes](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  bytes += "RIFF";
  put(std::uint32_t{36 + 2 * frames});
  bytes += "WAVEfmt ";
  put(std::uint32_t{16});
  put(std::uint16_t{1});  // PCM
  put(std::uint16_t{1});  // mono
  put(sample_rate_hz);
  put(std::uint32_t{2 * sample_rate_hz});
  put(std::uint16_t{2});
  put(std::uint16_t{16});
  bytes += "data";
  put(std::uint32_t{2 * frames});
  for (std::uint32_t i = 0; i < frames; ++i)
    put(static_cast<std::int16_t>(16'000 * std::sin(2 * 3.141592653589793 * frequency_hz * i / sample_rate_hz)));
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace earshot::testing
