// decode: the samples of a recording's range, mixed down to one channel. Reads nothing but the range.
#include <algorithm>
#include <cmath>

#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::string channels = "mean";
};

class Decode final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("decode", /*algorithm=*/1, "reads the samples of a recording's range as one channel")
        .option(&Options::channels, "channels", choices({"mean", "first"}), "what becomes of several channels")
        .input<Recording>("recording")
        .output<Waveform>("audio", per_item_fact("sample_rate"))
        .ranged()
        .deterministic();
  }
  Decode(const Options& options, const Setup&)
      : downmix_(options.channels == "first" ? Downmix::kFirst : Downmix::kMean) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    const auto& recording = inputs.get<Recording>("recording");
    const AudioHeader& header = recording.header();
    const FrameRange range = recording.frames();
    const std::int64_t neighbours = rescale(Waveform::kNeighbours_ms, 1000, header.sample_rate_hz);
    const std::int64_t lead = std::min(neighbours, range.first);
    const std::int64_t tail = std::min(neighbours, header.frames - range.first - range.frames);
    Result<std::vector<float>> samples =
        recording.content().render({range.first - lead, lead + range.frames + tail}, downmix_);
    if (!samples.ok()) return std::move(samples).error();
    return Outputs{Waveform(std::move(samples).value(), header.sample_rate_hz,
                            {.range = recording.range(), .source_frames = header.frames, .lead = lead, .tail = tail})};
  }

  Footprint footprint(const Footprint& input) const override {
    const double length_s = input.length_s + 2.0 * Waveform::kNeighbours_ms / 1000;
    const auto frames = static_cast<std::int64_t>(std::ceil(length_s * static_cast<double>(input.sample_rate_hz))) + 2;
    return {.length_s = input.length_s,
            .sample_rate_hz = input.sample_rate_hz,
            .bytes = static_cast<std::int64_t>(sizeof(Waveform)) + 4 * frames};
  }

 private:
  Downmix downmix_;
};

}  // namespace

EARSHOT_PLUGIN(Decode)
