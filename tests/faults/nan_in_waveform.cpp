// nan_in_waveform: passes waveforms on and makes one sample of one item NaN, for the tests of what the engine then
// does.
#include <limits>
#include <string>

#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::string item;
};

class NanInWaveform final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("nan_in_waveform", /*algorithm=*/1, "makes one sample of one item NaN")
        .option(&Options::item, "item", required(), "id of the item")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .deterministic();
  }
  NanInWaveform(const Options& options, const Setup&) : item_(options.item) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    Waveform audio = inputs.get<Waveform>("audio");
    if (context.item_id == item_) audio.samples().front() = std::numeric_limits<float>::quiet_NaN();
    return Outputs{std::move(audio)};
  }

 private:
  std::string item_;
};

}  // namespace

EARSHOT_PLUGIN(NanInWaveform)
