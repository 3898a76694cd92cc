// gain: multiplies a waveform by a constant.
#include <cmath>

#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  double level_db = 0;
};

class Gain final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("gain", /*algorithm=*/1, "multiplies a waveform by a constant")
        .option(&Options::level_db, "level_db", unit("dB"), range(-60, 60), "added to the level")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .deterministic();
  }
  Gain(const Options& options, const Setup&) : factor_(static_cast<float>(std::pow(10.0, options.level_db / 20))) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    Waveform louder = inputs.get<Waveform>("audio");
    for (float& sample : louder.with_neighbours()) sample *= factor_;
    return Outputs{std::move(louder)};
  }

 private:
  float factor_;
};

}  // namespace

EARSHOT_PLUGIN(Gain)
