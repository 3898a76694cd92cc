// windows: a recording to windows of equal length, each an item of its own. Reads and copies no samples.
#include <algorithm>
#include <cmath>

#include "earshot/audio/recording.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

constexpr std::int64_t kMostWindows = 1'000'000;

struct Options {
  double length_s = 10;
  double hop_s = 10;
  double shortest_s = 1;
  std::optional<std::int64_t> at_most;
};

std::int64_t to_ms(double seconds) { return std::llround(seconds * 1000); }

class Windows final : public Expand {
 public:
  static auto contract() {
    return Contract<Options>("windows", /*algorithm=*/1, "cuts a recording into windows, each an item of its own")
        .option(&Options::length_s, "length_s", unit("s"), range(0.01, 86400), "length of a window, in whole ms")
        .option(&Options::hop_s, "hop_s", unit("s"), range(0.01, 86400), "from the start of a window to the next")
        .option(&Options::shortest_s, "shortest_s", unit("s"), range(0, 86400),
                "a last window shorter than this is left out, unless it is the only one")
        .option(&Options::at_most, "at_most", range(1, static_cast<double>(kMostWindows)),
                "how many windows are kept, evenly spread; auto keeps all")
        .input<Recording>("audio")
        .output<Recording>("audio")
        .header_only()
        .deterministic();
  }
  Windows(const Options& options, const Setup&)
      : length_ms_(to_ms(options.length_s)),
        hop_ms_(to_ms(options.hop_s)),
        shortest_ms_(to_ms(options.shortest_s)),
        at_most_(options.at_most.value_or(kMostWindows)) {}

  Result<std::vector<Child>> expand(const Inputs& inputs, Context&) const override {
    const auto& recording = inputs.get<Recording>("audio");
    const std::int64_t all = count(recording.length_ms());
    const std::int64_t kept = std::min(all, at_most_);
    if (kept == kMostWindows && all > kept)
      return Error{ErrorCode::kTooLarge, recording.content().name() + ": " + std::to_string(all) +
                                             " windows, at most " + std::to_string(kMostWindows) +
                                             " are made; set at_most or a larger hop_s"};
    if (all == 1) return std::vector<Child>{{"w0", Outputs{inputs.pointer("audio")}}};
    std::vector<Child> children;
    for (std::int64_t i = 0; i < kept; ++i) {
      // Of all windows 0 .. all - 1, `kept` at equal distances, the first and the last among them.
      const std::int64_t window = kept == all ? i : kept == 1 ? (all - 1) / 2 : i * (all - 1) / (kept - 1);
      const std::int64_t start_ms = window * hop_ms_;
      const std::int64_t length_ms = std::min(length_ms_, recording.length_ms() - start_ms);
      children.push_back(
          {"w" + std::to_string(i), Outputs{recording.with_range({recording.range().start_ms + start_ms, length_ms})}});
    }
    return children;
  }

  Footprint footprint(const Footprint& input) const override {
    Footprint output = input;
    // A recording that is longer by less than 1 ms stays as it is.
    output.length_s = std::min(input.length_s, static_cast<double>(length_ms_ + 1) / 1000);
    return output;
  }

 private:
  // Windows of `total_ms`: the first, and every later one that reaches beyond the one before it and is long enough.
  [[nodiscard]] std::int64_t count(std::int64_t total_ms) const {
    if (total_ms <= length_ms_) return 1;
    const std::int64_t whole = 1 + (total_ms - length_ms_) / hop_ms_;
    const std::int64_t last_ms = total_ms - whole * hop_ms_;
    const std::int64_t uncovered_ms = total_ms - ((whole - 1) * hop_ms_ + length_ms_);
    return whole + (uncovered_ms > 0 && last_ms > 0 && last_ms >= shortest_ms_ ? 1 : 0);
  }

  std::int64_t length_ms_;
  std::int64_t hop_ms_;
  std::int64_t shortest_ms_;
  std::int64_t at_most_;
};

}  // namespace

EARSHOT_PLUGIN(Windows)
