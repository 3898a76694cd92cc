#include "flac.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include <sndfile.h>

namespace earshot::cache {
namespace {

constexpr int kRateHz = 48000;  // FLAC wants one; what the rate is, the record says
// A frame of FLAC has at most 65,535 samples and at least 8 bytes.
constexpr std::size_t kMostSamplesPerByte = 8192;

// A file in memory, as libsndfile's callbacks see it.
struct MemoryFile {
  std::vector<std::byte> written;
  std::span<const std::byte> bytes;  // what is there
  std::size_t at = 0;
  bool full = false;  // there was no memory for more
};

MemoryFile& file_of(void* user) { return *static_cast<MemoryFile*>(user); }

sf_count_t length(void* user) { return std::ssize(file_of(user).bytes); }
sf_count_t tell(void* user) { return static_cast<sf_count_t>(file_of(user).at); }

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  MemoryFile& file = file_of(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(user) : length(user);
  file.at = static_cast<std::size_t>(std::max<sf_count_t>(0, from + offset));
  return tell(user);
}

sf_count_t read(void* to, sf_count_t count, void* user) {
  MemoryFile& file = file_of(user);
  const std::size_t left = file.bytes.size() - std::min(file.at, file.bytes.size());
  const std::size_t size = std::min(static_cast<std::size_t>(count), left);
  if (size > 0) std::memcpy(to, file.bytes.data() + file.at, size);
  file.at += size;
  return static_cast<sf_count_t>(size);
}

sf_count_t write(const void* from, sf_count_t count, void* user) {
  MemoryFile& file = file_of(user);
  const auto size = static_cast<std::size_t>(count);
  try {
    file.written.resize(std::max(file.written.size(), file.at + size));
  } catch (const std::bad_alloc&) {
    file.full = true;  // no exception may pass libsndfile
    return 0;
  }
  std::memcpy(file.written.data() + file.at, from, size);
  file.bytes = file.written;
  file.at += size;
  return count;
}

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using Sound = std::unique_ptr<SNDFILE, Close>;

Sound open(MemoryFile& file, int mode, SF_INFO& info) {
  SF_VIRTUAL_IO calls = {.get_filelen = length, .seek = seek, .read = read, .write = write, .tell = tell};
  return Sound(sf_open_virtual(&calls, mode, &info, &file));
}

}  // namespace

Result<std::vector<std::byte>> to_flac(std::span<const std::int16_t> samples) {
  MemoryFile file;
  if (samples.empty()) return file.written;
  SF_INFO info = {};
  info.samplerate = kRateHz;
  info.channels = 1;
  info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  Sound sound = open(file, SFM_WRITE, info);
  if (sound == nullptr) return Error{ErrorCode::kInternal, std::string("FLAC: ") + sf_strerror(nullptr)};
  const sf_count_t count = std::ssize(samples);
  const bool whole = sf_write_short(sound.get(), samples.data(), count) == count;
  if (!whole && !file.full) return Error{ErrorCode::kInternal, std::string("FLAC: ") + sf_strerror(sound.get())};
  sound.reset();  // writes the last frame
  if (file.full) return Error{ErrorCode::kTooLarge, "out of memory"};
  return std::move(file.written);
}

Result<std::vector<std::int16_t>> from_flac(std::span<const std::byte> bytes, std::size_t count) {
  const Error corrupt{ErrorCode::kCorruptInput, "FLAC that does not hold the samples that it should"};
  if (count == 0 && bytes.empty()) return std::vector<std::int16_t>();
  if (count == 0 || count / kMostSamplesPerByte > bytes.size()) return corrupt;
  MemoryFile file{.bytes = bytes};
  SF_INFO info = {};
  const Sound sound = open(file, SFM_READ, info);
  const int format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  if (sound == nullptr || info.format != format || info.channels != 1 || info.frames != static_cast<sf_count_t>(count))
    return corrupt;
  std::vector<std::int16_t> samples(count);
  if (sf_read_short(sound.get(), samples.data(), info.frames) != info.frames) return corrupt;
  return samples;
}

}  // namespace earshot::cache
