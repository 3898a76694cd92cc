#include "flac_files.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <sndfile.h>

#include "earshot/contract/random.h"

namespace earshot::bench {
namespace {

constexpr int kRate_hz = 44100;
constexpr std::size_t kFrames = std::size_t{30} * kRate_hz;
constexpr std::size_t kToneFrames = std::size_t{5} * kRate_hz;

std::vector<float> make_sound(std::uint64_t number) {
  Random random(1, number, "sound");
  std::vector<float> samples(kFrames);
  double low = 0;
  for (float& sample : samples) {
    const double white = random.uniform(-1, 1);
    low = 0.98 * low + 0.02 * white;
    sample = static_cast<float>(0.02 * white + 0.3 * low);
  }
  for (int tone = 0; tone < 20; ++tone) {
    const double step = 2 * std::numbers::pi * random.uniform(80, 6000) / kRate_hz;
    const double level = random.uniform(0.02, 0.1);
    const auto first = static_cast<std::size_t>(random.below(kFrames - kToneFrames));
    for (std::size_t n = 0; n < kToneFrames; ++n)
      samples[first + n] += static_cast<float>(level * std::exp(-static_cast<double>(n) / kRate_hz) *
                                               std::sin(step * static_cast<double>(n)));
  }
  return samples;
}

}  // namespace

Result<std::vector<std::filesystem::path>> find_flac_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure))
    if (entry.path().extension() == ".flac") files.push_back(entry.path());
  if (files.empty()) return Error{ErrorCode::kNotFound, folder.string() + ": no .flac file in that folder"};
  std::ranges::sort(files);
  return files;
}

Result<std::vector<std::filesystem::path>> make_flac_files(const std::filesystem::path& folder, std::int64_t count) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  std::vector<std::filesystem::path> files;
  for (std::int64_t number = 0; number < count; ++number) {
    files.push_back(folder / (std::to_string(1000 + number) + ".flac"));
    if (std::filesystem::exists(files.back())) continue;
    SF_INFO info{};
    info.samplerate = kRate_hz;
    info.channels = 1;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    SNDFILE* const file = sf_open(files.back().c_str(), SFM_WRITE, &info);
    if (file == nullptr) return Error{ErrorCode::kIo, files.back().string() + ": " + sf_strerror(nullptr)};
    const std::vector<float> samples = make_sound(static_cast<std::uint64_t>(number));
    sf_writef_float(file, samples.data(), static_cast<sf_count_t>(samples.size()));
    sf_close(file);
  }
  return files;
}

}  // namespace earshot::bench
