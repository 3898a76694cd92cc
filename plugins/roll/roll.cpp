// roll: turns a waveform in a circle by a random number of samples while training.
#include <algorithm>
#include <cmath>

#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::optional<double> most_s;
};

class Roll final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("roll", /*algorithm=*/1, "turns a waveform in a circle by a random time")
        .option(&Options::most_s, "most_s", unit("s"), range(0, 86400),
                "the farthest either way; auto: any place of the clip may become its start")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .random();
  }
  Roll(const Options& options, const Setup&) : most_s_(options.most_s) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    if (!context.training) return Outputs{inputs.pointer("audio")};
    Waveform rolled = inputs.get<Waveform>("audio");
    const std::span<float> samples = rolled.samples();
    if (samples.empty()) return Outputs{std::move(rolled)};
    std::rotate(samples.begin(), samples.begin() + first(rolled, context), samples.end());
    return Outputs{std::move(rolled)};
  }

 private:
  // The sample that becomes the first.
  [[nodiscard]] std::int64_t first(const Waveform& waveform, const Context& context) const {
    Random random = context.random("shift");
    const std::int64_t frames = waveform.frames();
    if (!most_s_) return random.below(frames);
    const std::int64_t most = std::min(std::llround(*most_s_ * static_cast<double>(waveform.sample_rate_hz())),
                                       static_cast<long long>(frames / 2));
    return (frames + random.below(2 * most + 1) - most) % frames;
  }

  std::optional<double> most_s_;
};

}  // namespace

EARSHOT_PLUGIN(Roll)
