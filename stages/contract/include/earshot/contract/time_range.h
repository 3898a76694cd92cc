// TimeRange: a part of a recording in time, the same for every sample rate.
//
// At rate r it is frames [round(start * r), round(start * r) + round(length * r)), cut at the recording's end.
#pragma once

#include <cstdint>
#include <optional>

namespace earshot {

// Frames [first, first + frames).
struct FrameRange {
  std::int64_t first = 0;
  std::int64_t frames = 0;
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

// round(count * to / from), halves up, without overflow. Preconditions: count >= 0, from > 0, to > 0.
std::int64_t rescale(std::int64_t count, std::int64_t from, std::int64_t to);

struct TimeRange {
  std::int64_t start_ms = 0;
  std::optional<std::int64_t> length_ms;  // absent: to the end

  // The frames at `sample_rate_hz` of a recording of `total_frames` frames at that rate.
  [[nodiscard]] FrameRange at(std::int64_t sample_rate_hz, std::int64_t total_frames) const;
  [[nodiscard]] bool is_whole() const noexcept { return start_ms == 0 && !length_ms; }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

}  // namespace earshot
