// Waveform: mono sound, [frame] float32, nominally in [-1, 1] (not clipped).
//
// It may carry a few samples before and after its own: `lead` and `tail`, the true neighbours of a range that was cut
// out of a longer sound. Filters (resample) read them, so that a range comes out with the bits of the whole.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/contract/time_range.h"

namespace earshot {

class Waveform final : public Payload {
 public:
  // How much a range brings along of its neighbours, for the filter of a resampler behind: enough for output rates from
  // 4 kHz.
  static constexpr std::int64_t kNeighbours_ms = 20;

  static constexpr PayloadInfo kInfo{"waveform", "[frame]", {"sample_rate", nullptr, nullptr}};

  // A sound on its own. Precondition: sample_rate_hz > 0.
  Waveform(std::vector<float> samples, std::int64_t sample_rate_hz)
      : all_(std::move(samples)),
        sample_rate_hz_(sample_rate_hz),
        source_frames_(static_cast<std::int64_t>(all_.size())) {}

  // What a range was cut out of, and how many of the samples around it came along.
  struct Cut {
    TimeRange range;
    std::int64_t source_frames = 0;  // of the whole, at the waveform's rate
    std::int64_t lead = 0;
    std::int64_t tail = 0;
  };
  // `samples` are lead, range, tail. Precondition: they are as many as `cut` says.
  Waveform(std::vector<float> samples, std::int64_t sample_rate_hz, const Cut& cut)
      : all_(std::move(samples)),
        sample_rate_hz_(sample_rate_hz),
        range_(cut.range),
        source_frames_(cut.source_frames),
        lead_(cut.lead),
        tail_(cut.tail) {}

  // [frame] of the range itself.
  [[nodiscard]] std::span<const float> samples() const noexcept {
    return std::span(all_).subspan(static_cast<std::size_t>(lead_), static_cast<std::size_t>(frames()));
  }
  // The samples to change. The neighbours are dropped first: they would no longer belong to the changed sound.
  std::span<float> samples();
  // Lead, range and tail, to read, or to change all alike (a gain).
  [[nodiscard]] std::span<const float> with_neighbours() const noexcept { return all_; }
  std::span<float> with_neighbours() noexcept { return all_; }

  [[nodiscard]] std::int64_t frames() const noexcept { return static_cast<std::int64_t>(all_.size()) - lead_ - tail_; }
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_; }
  [[nodiscard]] double length_s() const noexcept {
    return static_cast<double>(frames()) / static_cast<double>(sample_rate_hz_);
  }
  // Where the range lies in its source: in time, and as frames at this rate.
  [[nodiscard]] const TimeRange& range() const noexcept { return range_; }
  [[nodiscard]] std::int64_t first_frame() const { return range_.at(sample_rate_hz_, source_frames_).first; }
  [[nodiscard]] std::int64_t source_frames() const noexcept { return source_frames_; }
  [[nodiscard]] std::int64_t lead() const noexcept { return lead_; }
  [[nodiscard]] std::int64_t tail() const noexcept { return tail_; }

  [[nodiscard]] const PayloadInfo& info() const noexcept override;
  [[nodiscard]] std::int64_t bytes() const noexcept override;
  [[nodiscard]] Footprint footprint() const override;
  [[nodiscard]] bool finite() const override;
  // [frame] float32: the range itself. Neighbours stand around it where facts `lead` and `tail` say so, and `start_ms`,
  // `length_ms` and `source_frames` say what it was cut out of.
  [[nodiscard]] Result<Record> to_record() const override;
  static Result<PayloadPtr> from_record(const Record& record);
  // With up to kNeighbours_ms of neighbours, as far as the parts have them. Errors: kInternal where the parts leave a
  // gap.
  static Result<PayloadPtr> join(std::span<const PayloadPtr> parts, const TimeRange& range);

 private:
  std::vector<float> all_;
  std::int64_t sample_rate_hz_;
  TimeRange range_;
  std::int64_t source_frames_;
  std::int64_t lead_ = 0;
  std::int64_t tail_ = 0;
};

}  // namespace earshot
