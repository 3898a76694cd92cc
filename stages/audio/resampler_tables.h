// The coefficients of a Resampler, and the kernels that use them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lanes.h"

namespace earshot::audio {

// The filter h(t), t in input frames: 2 fc sinc(2 fc t) times a Kaiser window of half-width `half_width`.
class KaiserSinc {
 public:
  // `ratio` is out / in.
  explicit KaiserSinc(double ratio);
  [[nodiscard]] double half_width() const noexcept { return half_width_; }
  // Input frames on either side that a tap may lie in: ceil(half_width).
  [[nodiscard]] std::int64_t reach() const noexcept { return reach_; }
  // The 2 reach coefficients of the output frame `fraction` (in [0, 1]) behind an input frame i, for input frames
  // i - reach + 1 .. i + reach; their sum is 1.
  [[nodiscard]] std::vector<double> coefficients(double fraction) const;

 private:
  [[nodiscard]] double value(double t) const;

  double cutoff_;  // cycles per input frame
  double half_width_;
  std::int64_t reach_;
};

// L sets of coefficients, one for each output frame of a cycle; four neighbouring output frames are one group that
// reads one run of input frames, with zeros where a frame has no tap.
struct PhaseTable {
  struct Group {
    std::int64_t first_row = 0;         // first input frame, counted from the cycle's own minus reach - 1
    std::size_t first_coefficient = 0;  // of [row][4] in coefficients
  };
  static constexpr std::int64_t kGroup = 4;

  // `up` / `down` is out / in in lowest terms.
  PhaseTable(const KaiserSinc& filter, std::int64_t up, std::int64_t down);

  std::int64_t cycle_out;  // output frames of a cycle, a multiple of `up`
  std::int64_t cycle_in;   // input frames of a cycle
  std::int64_t rows;       // input frames that each group reads
  std::vector<Group> groups;
  LaneBuffer coefficients;
};

// Sets of coefficients at steps of 1 / steps of an input frame, [step][tap], taps padded to a multiple of lanes.
struct FineTable {
  FineTable(const KaiserSinc& filter, double ratio);

  std::int64_t steps;
  std::size_t taps;
  LaneBuffer coefficients;
};

// sums[i][lane] = sum over rows of coefficients[row][i] * tile[row][lane], i < 4.
void dot_rows(const float* tile, const float* coefficients, std::size_t rows, float* sums);

// The dot products of `input` with two sets of coefficients, mixed: (1 - mix) * first + mix * second.
// Precondition: taps is a multiple of kLanes.
float dot_mixed(const float* input, const float* first, const float* second, std::size_t taps, float mix);

}  // namespace earshot::audio
