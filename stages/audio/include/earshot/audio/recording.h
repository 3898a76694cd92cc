// Recording: where sound is, what its header says, and which part of it is meant. Holds no samples.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"
#include "earshot/contract/time_range.h"

namespace earshot {

// What is known of a sound without decoding it.
struct AudioHeader {
  std::int64_t frames = 0;
  std::int64_t sample_rate_hz = 0;
  int channels = 1;
  std::string format;  // "WAV", "FLAC", "Ogg Vorbis", "Ogg Opus", "MP3", or what a computed sound calls itself
};

enum class Downmix : std::uint8_t {
  kMean,   // the mean of all channels
  kFirst,  // the first channel, the others ignored
};

// A place that sound comes from: a file (audio_file.h), or something that computes it. Immutable; any thread.
class AudioContent {
 public:
  AudioContent() = default;
  AudioContent(const AudioContent&) = delete;
  AudioContent& operator=(const AudioContent&) = delete;
  virtual ~AudioContent();

  [[nodiscard]] virtual const AudioHeader& header() const noexcept = 0;
  // What people call it: a file's path.
  [[nodiscard]] virtual std::string name() const = 0;
  // Mono samples of `range` at the header's rate, the same bits whatever range they are asked in.
  // Errors: kInvalidArgument for a range outside the header's frames, kCorruptInput, kIo, kNonFinite.
  [[nodiscard]] virtual Result<std::vector<float>> render(FrameRange range, Downmix downmix) const = 0;
};

class Recording final : public Payload {
 public:
  static constexpr PayloadInfo kInfo{"recording", "", {}};

  // Precondition: content is not null. Shares ownership of it.
  explicit Recording(std::shared_ptr<const AudioContent> content, TimeRange range = {})
      : content_(std::move(content)), range_(range) {}

  [[nodiscard]] const AudioContent& content() const noexcept { return *content_; }
  [[nodiscard]] const AudioHeader& header() const noexcept { return content_->header(); }
  [[nodiscard]] const TimeRange& range() const noexcept { return range_; }
  // The same sound with another range, counted from the start of the content.
  [[nodiscard]] Recording with_range(TimeRange range) const { return Recording(content_, range); }

  // The frames of the range, inside the content.
  [[nodiscard]] FrameRange frames() const { return range_.at(header().sample_rate_hz, header().frames); }
  // The length of the range, whole ms, rounded down.
  [[nodiscard]] std::int64_t length_ms() const;
  [[nodiscard]] double length_s() const;

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override { return static_cast<std::int64_t>(sizeof(*this)); }
  [[nodiscard]] Footprint footprint() const override;
  [[nodiscard]] std::optional<Part> part() const override;
  [[nodiscard]] PayloadPtr with_part(const TimeRange& range) const override;
  // The name as text (kUtf8), with start, length, rate and channels as facts.
  [[nodiscard]] Result<Record> to_record() const override;

 private:
  std::shared_ptr<const AudioContent> content_;
  TimeRange range_;
};

}  // namespace earshot
