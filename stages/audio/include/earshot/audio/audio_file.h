// AudioFile: a sound file as AudioContent. WAV (RF64, W64, WAVEX), FLAC, Ogg Vorbis, Ogg Opus, MP3, AIFF, AU, CAF.
//
// Values: samples as floats, nominally in [-1, 1]; channels are mixed down in their order in single precision; a zero
// is never negative. A range is bit-equal to the same part of the whole: MP3 and Opus, whose decoders do not restart
// exactly everywhere, are always decoded from 1 s before the 5 s segment in which a sample lies.
//
// Hostile files: header figures are checked before memory is taken, memory grows with what is really decoded. A WAV
// that claims more than the file holds counts as long as it is; any other file that ends before its header says gives
// an error when the missing part is read. Only of an MP3, whose length may be an estimate, up to 1 s or 2 % may be
// missing at the end and count as silence.
//
// Threads: immutable after open; render() opens the file anew and may run on any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "earshot/audio/recording.h"
#include "earshot/contract/result.h"

namespace earshot::audio {

struct AudioFileLimits {
  static constexpr int kMaxChannels = 64;
  static constexpr std::int64_t kMinRate_hz = 1'000;
  static constexpr std::int64_t kMaxRate_hz = 768'000;
  static constexpr std::int64_t kMaxFramesPerRead = std::int64_t{1} << 30;  // 4 GiB of floats
};

class AudioFile final : public AudioContent {
 public:
  // Reads the header. Errors: kNotFound, kUnsupported (no regular file, no format known here, length not stated),
  // kCorruptInput (no sense in the header), kTooLarge (more channels or a higher rate than the limits).
  static Result<std::shared_ptr<const AudioFile>> open(const std::filesystem::path& path);

  [[nodiscard]] const AudioHeader& header() const noexcept override { return header_; }
  [[nodiscard]] std::string name() const override { return path_.string(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  // Errors: as AudioContent; kCorruptInput also when the file ends early or changed since it was opened; kNonFinite
  // names the first frame that is NaN or infinite; kTooLarge above kMaxFramesPerRead.
  [[nodiscard]] Result<std::vector<float>> render(FrameRange range, Downmix downmix) const override;

 private:
  AudioFile(std::filesystem::path path, AudioHeader header, bool on_grid)
      : path_(std::move(path)), header_(std::move(header)), on_grid_(on_grid) {}

  std::filesystem::path path_;
  AudioHeader header_;
  bool on_grid_;  // decoded in segments of 5 s
};

// The whole file as a Recording. Errors: those of AudioFile::open.
Result<Recording> open_recording(const std::filesystem::path& path);

}  // namespace earshot::audio
