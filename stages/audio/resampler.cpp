#include "earshot/audio/resampler.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "resampler_tables.h"

namespace earshot::audio {
namespace {

// Above this many floats (4 MiB) a table of all phases gives way to an interpolated one.
constexpr double kLargestTable = 1 << 20;
// Input frames of one lane's share of a tile: enough to make what neighbouring lanes read twice a small part.
constexpr std::int64_t kShortestShare = 512;

// Floor division.
std::int64_t floor_of(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// Input frames by their number, silence outside of those given.
struct Input {
  std::span<const float> samples;
  std::int64_t first;

  // Frames [from, from + count): a view where they are all there, else a copy in `room`.
  const float* frames(std::int64_t from, std::int64_t count, std::span<float> room) const {
    const std::int64_t begin = from - first;
    const auto size = static_cast<std::int64_t>(samples.size());
    if (begin >= 0 && begin + count <= size) return samples.data() + begin;
    std::fill_n(room.begin(), count, 0.0F);
    const std::int64_t low = std::clamp<std::int64_t>(-begin, 0, count);
    const std::int64_t high = std::clamp<std::int64_t>(size - begin, low, count);
    if (low < high) std::copy_n(samples.begin() + (begin + low), high - low, room.begin() + low);
    return room.data();
  }
};

}  // namespace

struct Resampler::Tables {
  Tables(std::int64_t in_hz, std::int64_t out_hz)
      : in_rate_hz(in_hz),
        out_rate_hz(out_hz),
        up(out_hz / std::gcd(in_hz, out_hz)),
        down(in_hz / std::gcd(in_hz, out_hz)),
        filter(static_cast<double>(out_hz) / static_cast<double>(in_hz)) {
    const double ratio = static_cast<double>(out_hz) / static_cast<double>(in_hz);
    if (in_hz == out_hz) return;
    const double size = static_cast<double>(up) * (2 * static_cast<double>(filter.reach()) + 4 / ratio);
    if (size <= kLargestTable)
      phases.emplace(filter, up, down);
    else
      fine.emplace(filter, ratio);
  }

  // Copies the inputs of 16 shares of output frames, `share_in` input frames apart, into [row][lane].
  void fill_tile(const Input& input, std::int64_t first, std::int64_t share_in, std::int64_t rows,
                 std::span<float> room, float* tile) const;
  void by_phases(const Input& input, FrameRange output, std::vector<float>& out) const;
  void by_interpolation(const Input& input, FrameRange output, std::vector<float>& out) const;

  std::int64_t in_rate_hz;
  std::int64_t out_rate_hz;
  std::int64_t up;
  std::int64_t down;
  KaiserSinc filter;
  std::optional<PhaseTable> phases;  // neither for equal rates
  std::optional<FineTable> fine;
};

void Resampler::Tables::fill_tile(const Input& input, std::int64_t first, std::int64_t share_in, std::int64_t rows,
                                  std::span<float> room, float* tile) const {
  constexpr std::int64_t kBlock = 64;  // rows that stay in the nearest cache
  std::array<const float*, kLanes> sources{};
  for (std::size_t l = 0; l < kLanes; ++l)
    sources[l] = input.frames(first + static_cast<std::int64_t>(l) * share_in, rows,
                              room.subspan(l * static_cast<std::size_t>(rows), static_cast<std::size_t>(rows)));
  for (std::int64_t begin = 0; begin < rows; begin += kBlock) {
    const std::int64_t end = std::min(begin + kBlock, rows);
    for (std::size_t l = 0; l < kLanes; ++l)
      for (std::int64_t row = begin; row < end; ++row)
        tile[static_cast<std::size_t>(row) * kLanes + l] = sources[l][row];
  }
}

// A tile is 16 lanes; lane l computes the output frames [start + l * share, + share), a whole number of cycles.
void Resampler::Tables::by_phases(const Input& input, FrameRange output, std::vector<float>& out) const {
  const PhaseTable& table = *phases;
  const std::int64_t cycles = (kShortestShare + table.cycle_in - 1) / table.cycle_in;
  const std::int64_t share_out = cycles * table.cycle_out;
  const std::int64_t share_in = cycles * table.cycle_in;
  const std::int64_t rows = (cycles - 1) * table.cycle_in + table.groups.back().first_row + table.rows;
  LaneBuffer tile(static_cast<std::size_t>(rows) * kLanes);
  LaneBuffer room(static_cast<std::size_t>(rows) * kLanes);
  std::array<float, PhaseTable::kGroup * kLanes> sums{};

  const std::int64_t end = output.first + output.frames;
  std::int64_t cycle = output.first / table.cycle_out;
  for (; cycle * table.cycle_out < end; cycle += static_cast<std::int64_t>(kLanes) * cycles) {
    const std::int64_t start = cycle * table.cycle_out;
    fill_tile(input, cycle * table.cycle_in - filter.reach() + 1, share_in, rows, room, tile.data());
    for (std::int64_t c = 0; c < cycles; ++c) {
      for (std::size_t g = 0; g < table.groups.size(); ++g) {
        const PhaseTable::Group& group = table.groups[g];
        dot_rows(tile.data() + static_cast<std::size_t>(c * table.cycle_in + group.first_row) * kLanes,
                 table.coefficients.data() + group.first_coefficient, static_cast<std::size_t>(table.rows),
                 sums.data());
        const std::int64_t within = static_cast<std::int64_t>(g) * PhaseTable::kGroup;
        const std::int64_t members = std::min(PhaseTable::kGroup, table.cycle_out - within);
        for (std::size_t l = 0; l < kLanes; ++l) {
          const std::int64_t n = start + static_cast<std::int64_t>(l) * share_out + c * table.cycle_out + within;
          for (std::int64_t i = 0; i < members; ++i)
            if (n + i >= output.first && n + i < end)
              out[static_cast<std::size_t>(n + i - output.first)] = sums[static_cast<std::size_t>(i) * kLanes + l];
        }
      }
    }
  }
}

void Resampler::Tables::by_interpolation(const Input& input, FrameRange output, std::vector<float>& out) const {
  const FineTable& table = *fine;
  LaneBuffer room(table.taps);
  for (std::int64_t i = 0; i < output.frames; ++i) {
    const std::int64_t n = output.first + i;
    // The place in input frames is base + rest / up.
    const std::int64_t base = n / up * down + n % up * down / up;
    const std::int64_t rest = n % up * down % up;
    const std::int64_t step = rest * table.steps / up;
    const auto mix = static_cast<float>(static_cast<double>(rest * table.steps % up) / static_cast<double>(up));
    const float* const frames = input.frames(base - filter.reach() + 1, static_cast<std::int64_t>(table.taps), room);
    const float* const set = table.coefficients.data() + static_cast<std::size_t>(step) * table.taps;
    out[static_cast<std::size_t>(i)] = dot_mixed(frames, set, set + table.taps, table.taps, mix);
  }
}

Resampler::Resampler(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;
Resampler::~Resampler() = default;

Result<Resampler> Resampler::create(std::int64_t in_rate_hz, std::int64_t out_rate_hz) {
  for (const std::int64_t rate_hz : {in_rate_hz, out_rate_hz})
    if (rate_hz < kMinRate_hz || rate_hz > kMaxRate_hz)
      return Error{ErrorCode::kInvalidArgument, "a sample rate of " + std::to_string(rate_hz) + " Hz, expected " +
                                                    std::to_string(kMinRate_hz) + " to " + std::to_string(kMaxRate_hz)};
  return Resampler(std::make_unique<const Tables>(in_rate_hz, out_rate_hz));
}

std::int64_t Resampler::in_rate_hz() const noexcept { return tables_->in_rate_hz; }
std::int64_t Resampler::out_rate_hz() const noexcept { return tables_->out_rate_hz; }
std::int64_t Resampler::output_frames(std::int64_t input_frames) const {
  return rescale(input_frames, tables_->in_rate_hz, tables_->out_rate_hz);
}
std::int64_t Resampler::reach() const noexcept {
  return tables_->in_rate_hz == tables_->out_rate_hz ? 0 : tables_->filter.reach();
}

FrameRange Resampler::needed(FrameRange output) const {
  if (output.frames == 0) return {};
  const auto base = [this](std::int64_t n) { return floor_of(n * tables_->down, tables_->up); };
  const std::int64_t begin = base(output.first) - reach();
  const std::int64_t end = base(output.first + output.frames - 1) + reach() + 1;
  return {begin, end - begin};
}

std::vector<float> Resampler::resample(std::span<const float> input, std::int64_t input_first,
                                       FrameRange output) const {
  std::vector<float> out(static_cast<std::size_t>(output.frames));
  const Input frames{input, input_first};
  if (tables_->phases)
    tables_->by_phases(frames, output, out);
  else if (tables_->fine)
    tables_->by_interpolation(frames, output, out);
  else if (const float* const same = frames.frames(output.first, output.frames, out); same != out.data())
    std::copy_n(same, output.frames, out.begin());
  return out;
}

}  // namespace earshot::audio
