#include "earshot/contract/time_range.h"

#include <algorithm>

namespace earshot {

std::int64_t rescale(std::int64_t count, std::int64_t from, std::int64_t to) {
  const std::int64_t whole = count / from;
  const std::int64_t rest = count % from;
  return whole * to + (2 * rest * to + from) / (2 * from);
}

FrameRange TimeRange::at(std::int64_t sample_rate_hz, std::int64_t total_frames) const {
  const std::int64_t first = std::min(rescale(start_ms, 1000, sample_rate_hz), total_frames);
  const std::int64_t rest = total_frames - first;
  return {first, length_ms ? std::min(rescale(*length_ms, 1000, sample_rate_hz), rest) : rest};
}

}  // namespace earshot
