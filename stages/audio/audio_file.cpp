#include "earshot/audio/audio_file.h"

#include <algorithm>
#include <array>
#include <span>
#include <system_error>
#include <utility>

#include <sndfile.h>

#include "earshot/audio/finite.h"

namespace earshot::audio {
namespace {

constexpr std::int64_t kSegment_s = 5;
// What is decoded before a segment and thrown away: at low bit rates an MP3 frame needs up to some 20 frames before it.
constexpr std::int64_t kRunUp_s = 1;
// An MP3 file without a length in its header is estimated; it may fall short by 1 s or one part in this many.
constexpr std::int64_t kEstimateError = 50;
// The most frames that one byte can stand for: a constant FLAC block has 65,535 frames in some ten bytes.
constexpr std::int64_t kMaxFramesPerByte = 8192;
// Memory that a header alone may ask for; the rest follows what is decoded.
constexpr std::int64_t kReservedFrames = std::int64_t{1} << 24;

Error error_of(ErrorCode code, const std::filesystem::path& path, const std::string& what) {
  return {code, path.string() + ": " + what};
}

// An open libsndfile handle.
struct CloseSound {
  void operator()(SNDFILE* sound) const noexcept { sf_close(sound); }
};
using Sound = std::unique_ptr<SNDFILE, CloseSound>;

Result<Sound> open_sound(const std::filesystem::path& path, SF_INFO& info) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) return error_of(ErrorCode::kNotFound, path, "no such file");
  // A pipe or a device could block for ever.
  if (!std::filesystem::is_regular_file(status)) return error_of(ErrorCode::kUnsupported, path, "not a regular file");
  info = SF_INFO{};
  Sound sound(sf_open(path.c_str(), SFM_READ, &info));
  if (sound) return sound;
  const int code = sf_error(nullptr);
  const std::string why = sf_strerror(nullptr);
  if (code == SF_ERR_UNRECOGNISED_FORMAT)
    return error_of(ErrorCode::kUnsupported, path, "not a sound file known here (WAV, FLAC, Ogg, MP3): " + why);
  return error_of(code == SF_ERR_SYSTEM ? ErrorCode::kIo : ErrorCode::kCorruptInput, path, why);
}

std::string format_name(int format) {
  const int sub = format & SF_FORMAT_SUBMASK;
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
      return "WAV";
    case SF_FORMAT_FLAC:
      return "FLAC";
    case SF_FORMAT_OGG:
      return sub == SF_FORMAT_OPUS ? "Ogg Opus" : sub == SF_FORMAT_VORBIS ? "Ogg Vorbis" : "Ogg";
    case SF_FORMAT_MPEG:
      return "MP3";
    case SF_FORMAT_RF64:
      return "RF64";
    case SF_FORMAT_W64:
      return "W64";
    case SF_FORMAT_AIFF:
      return "AIFF";
    case SF_FORMAT_AU:
      return "AU";
    case SF_FORMAT_CAF:
      return "CAF";
    default:
      return "other";
  }
}

bool is_mp3(int format) { return (format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG; }

bool restarts_inexactly(int format) { return is_mp3(format) || (format & SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS; }

Status check_header(const std::filesystem::path& path, const SF_INFO& info) {
  using Limits = AudioFileLimits;
  if (info.channels < 1) return error_of(ErrorCode::kCorruptInput, path, "the header claims no channel");
  if (info.channels > Limits::kMaxChannels)
    return error_of(ErrorCode::kTooLarge, path,
                    "the header claims " + std::to_string(info.channels) + " channels, at most " +
                        std::to_string(Limits::kMaxChannels) + " are read");
  if (info.samplerate < Limits::kMinRate_hz || info.samplerate > Limits::kMaxRate_hz)
    return error_of(info.samplerate > Limits::kMaxRate_hz ? ErrorCode::kTooLarge : ErrorCode::kCorruptInput, path,
                    "the header claims " + std::to_string(info.samplerate) + " Hz, expected " +
                        std::to_string(Limits::kMinRate_hz) + " to " + std::to_string(Limits::kMaxRate_hz));
  std::error_code failure;
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, failure));
  if (failure) return error_of(ErrorCode::kIo, path, failure.message());
  if (info.frames == SF_COUNT_MAX)
    return error_of(ErrorCode::kUnsupported, path, "the header does not say how long it is; write the file again");
  if (info.frames < 0 || info.frames / kMaxFramesPerByte > bytes)
    return error_of(
        ErrorCode::kCorruptInput, path,
        "the header claims " + std::to_string(info.frames) + " frames in " + std::to_string(bytes) + " bytes");
  return {};
}

// One channel of interleaved frames, or their mean, appended to `mono`. Adding to +0 turns a negative zero positive.
void append_mono(std::span<const float> interleaved, std::size_t channels, Downmix downmix, std::vector<float>& mono) {
  const std::size_t frames = interleaved.size() / channels;
  const std::size_t before = mono.size();
  mono.resize(before + frames);
  float* const out = mono.data() + before;
  const float* const in = interleaved.data();
  if (channels == 1 || downmix == Downmix::kFirst) {
    for (std::size_t frame = 0; frame < frames; ++frame) out[frame] = 0.0F + in[frame * channels];
    return;
  }
  if (channels == 2) {
    for (std::size_t frame = 0; frame < frames; ++frame) out[frame] = 0.5F * (0.0F + in[2 * frame] + in[2 * frame + 1]);
    return;
  }
  const float share = 1.0F / static_cast<float>(channels);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    float sum = 0.0F;
    for (std::size_t channel = 0; channel < channels; ++channel) sum += in[frame * channels + channel];
    out[frame] = share * sum;
  }
}

// A run of frames that is decoded in one go.
struct Piece {
  std::int64_t seek_to = 0;  // where the decoder starts
  FrameRange range;          // what is kept
};

// The pieces that make up `range`.
std::vector<Piece> pieces_of(FrameRange range, std::int64_t sample_rate_hz, bool on_grid) {
  if (!on_grid) return {{range.first, range}};
  const std::int64_t segment = kSegment_s * sample_rate_hz;
  std::vector<Piece> pieces;
  const std::int64_t end = range.first + range.frames;
  for (std::int64_t at = range.first; at < end;) {
    const std::int64_t start = at / segment * segment;
    const std::int64_t next = std::min(start + segment, end);
    pieces.push_back({std::max<std::int64_t>(start - kRunUp_s * sample_rate_hz, 0), {at, next - at}});
    at = next;
  }
  return pieces;
}

// A file that is being decoded.
class Decoder {
 public:
  // Errors: those of opening, kCorruptInput where the file is another than `header` says.
  static Result<Decoder> open(const std::filesystem::path& path, const AudioHeader& header) {
    SF_INFO info{};
    Result<Sound> sound = open_sound(path, info);
    if (!sound.ok()) return std::move(sound).error();
    if (info.frames != header.frames || info.samplerate != header.sample_rate_hz || info.channels != header.channels)
      return error_of(ErrorCode::kCorruptInput, path, "the file changed since it was opened");
    return Decoder(path, header, std::move(sound).value(), is_mp3(info.format));
  }

  // Appends the frames of `piece` to `mono`. Errors: kCorruptInput where the file ends early.
  Status read(const Piece& piece, Downmix downmix, std::vector<float>& mono) {
    const auto channels = static_cast<std::size_t>(header_.channels);
    const auto block = static_cast<std::int64_t>(std::max<std::size_t>(65536 / channels, 1));
    const std::int64_t end = piece.range.first + piece.range.frames;
    const std::size_t complete = mono.size() + static_cast<std::size_t>(piece.range.frames);
    if (piece.seek_to != 0 && sf_seek(sound_.get(), piece.seek_to, SF_SEEK_SET) != piece.seek_to)
      return end_early(piece.seek_to, complete, mono);
    interleaved_.resize(static_cast<std::size_t>(std::min(block, end - piece.seek_to)) * channels);
    for (std::int64_t at = piece.seek_to; at < end;) {
      const std::int64_t wanted = std::min(block, end - at);
      const std::int64_t got = std::max<std::int64_t>(sf_readf_float(sound_.get(), interleaved_.data(), wanted), 0);
      const std::int64_t skipped = std::clamp<std::int64_t>(piece.range.first - at, 0, got);
      append_mono(std::span(interleaved_)
                      .subspan(static_cast<std::size_t>(skipped) * channels,
                               static_cast<std::size_t>(got - skipped) * channels),
                  channels, downmix, mono);
      at += got;
      if (got != wanted) return end_early(at, complete, mono);
    }
    return {};
  }

 private:
  Decoder(const std::filesystem::path& path, const AudioHeader& header, Sound sound, bool length_is_estimate)
      : path_(path), header_(header), sound_(std::move(sound)), length_is_estimate_(length_is_estimate) {}

  // What to make of a file that ends at `frame`, before its header says.
  Status end_early(std::int64_t frame, std::size_t complete, std::vector<float>& mono) const {
    const std::int64_t tolerated = std::max(header_.sample_rate_hz, header_.frames / kEstimateError);
    if (length_is_estimate_ && frame >= header_.frames - tolerated) {
      mono.resize(complete);
      return {};
    }
    return error_of(ErrorCode::kCorruptInput, path_,
                    "cannot be read beyond frame " + std::to_string(frame) + " of " + std::to_string(header_.frames) +
                        " that the header claims (truncated or damaged)");
  }

  const std::filesystem::path& path_;
  const AudioHeader& header_;
  Sound sound_;
  bool length_is_estimate_;
  std::vector<float> interleaved_;
};

}  // namespace

Result<std::shared_ptr<const AudioFile>> AudioFile::open(const std::filesystem::path& path) {
  SF_INFO info{};
  if (Result<Sound> sound = open_sound(path, info); !sound.ok()) return std::move(sound).error();
  if (Status status = check_header(path, info); !status.ok()) return std::move(status).error();
  AudioHeader header{.frames = info.frames,
                     .sample_rate_hz = info.samplerate,
                     .channels = info.channels,
                     .format = format_name(info.format)};
  return std::shared_ptr<const AudioFile>(new AudioFile(path, std::move(header), restarts_inexactly(info.format)));
}

Result<std::vector<float>> AudioFile::render(FrameRange range, Downmix downmix) const {
  if (range.first < 0 || range.frames < 0 || range.frames > header_.frames - range.first)
    return error_of(ErrorCode::kInvalidArgument, path_,
                    std::to_string(range.frames) + " frames from frame " + std::to_string(range.first) +
                        " were asked for, there are " + std::to_string(header_.frames));
  if (range.frames > AudioFileLimits::kMaxFramesPerRead)
    return error_of(ErrorCode::kTooLarge, path_,
                    std::to_string(range.frames) + " frames at once, at most " +
                        std::to_string(AudioFileLimits::kMaxFramesPerRead) + "; put crop or windows before decode");
  std::vector<float> mono;
  if (range.frames == 0) return mono;
  mono.reserve(static_cast<std::size_t>(std::min(range.frames, kReservedFrames)));
  for (const Piece& piece : pieces_of(range, header_.sample_rate_hz, on_grid_)) {
    Result<Decoder> decoder = Decoder::open(path_, header_);
    if (!decoder.ok()) return std::move(decoder).error();
    if (Status status = decoder->read(piece, downmix, mono); !status.ok()) return std::move(status).error();
  }
  mono.shrink_to_fit();
  if (const auto bad = first_non_finite(mono))
    return error_of(ErrorCode::kNonFinite, path_,
                    "frame " + std::to_string(range.first + static_cast<std::int64_t>(*bad)) + " is NaN or infinite");
  return mono;
}

Result<Recording> open_recording(const std::filesystem::path& path) {
  Result<std::shared_ptr<const AudioFile>> file = AudioFile::open(path);
  if (!file.ok()) return std::move(file).error();
  return Recording(std::move(file).value());
}

}  // namespace earshot::audio
