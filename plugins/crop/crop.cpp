// crop: a range of a recording, drawn anew in every epoch of training. Reads and copies no samples.
#include <algorithm>
#include <cmath>

#include "earshot/audio/recording.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  double length_s = 10;
  std::string where = "random";
};

class Crop final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("crop", /*algorithm=*/1, "takes a range of a recording, at random while training")
        .option(&Options::length_s, "length_s", unit("s"), range(0.001, 86400), "length of the range, in whole ms")
        .option(&Options::where, "where", choices({"random", "start", "centre"}),
                "place of the range; random means centre where nothing trains")
        .input<Recording>("audio")
        .output<Recording>("audio")
        .header_only()
        .random();
  }
  Crop(const Options& options, const Setup&)
      : length_ms_(std::llround(options.length_s * 1000)), where_(options.where) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    const auto& recording = inputs.get<Recording>("audio");
    const std::int64_t spare_ms = recording.length_ms() - length_ms_;
    if (spare_ms <= 0) return Outputs{inputs.pointer("audio")};
    const std::int64_t start_ms = recording.range().start_ms + offset_ms(spare_ms, context);
    return Outputs{recording.with_range({start_ms, length_ms_})};
  }

  Footprint footprint(const Footprint& input) const override {
    Footprint output = input;
    // A recording that is longer by less than 1 ms stays as it is.
    output.length_s = std::min(input.length_s, static_cast<double>(length_ms_ + 1) / 1000);
    return output;
  }

 private:
  [[nodiscard]] std::int64_t offset_ms(std::int64_t spare_ms, const Context& context) const {
    if (where_ == "start") return 0;
    if (where_ == "random" && context.training) return context.random("start").below(spare_ms + 1);
    return spare_ms / 2;
  }

  std::int64_t length_ms_;
  std::string where_;
};

}  // namespace

EARSHOT_PLUGIN(Crop)
