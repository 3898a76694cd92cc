// specaugment: hides random bands and times of a spectrogram while training.
//
// Source: Park et al., "SpecAugment", Interspeech 2019, section 2: a mask's width is uniform in {0, ..., widest}, its
// place uniform where it fits. No time warping.
#include <algorithm>
#include <cstdint>
#include <span>

#include "earshot/audio/mel.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::int64_t band_masks = 1;
  std::int64_t band_width = 16;
  std::int64_t time_masks = 1;
  std::int64_t time_width = 64;
  double fill = 0;
};

struct Mask {
  std::int64_t first = 0;
  std::int64_t width = 0;
};

Mask draw(Random& random, std::int64_t widest, std::int64_t size) {
  const std::int64_t width = random.below(std::min(widest, size) + 1);
  return {random.below(size - width + 1), width};
}

class SpecAugment final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("specaugment", /*algorithm=*/1, "hides random bands and times of a spectrogram")
        .option(&Options::band_masks, "band_masks", range(0, 16), "how many runs of mel bands are hidden")
        .option(&Options::band_width, "band_width", range(0, 512), "the most bands that one mask hides")
        .option(&Options::time_masks, "time_masks", range(0, 16), "how many runs of frames are hidden")
        .option(&Options::time_width, "time_width", range(0, 1e6), "the most frames that one mask hides")
        .option(&Options::fill, "fill", range(-100, 100), "what hidden cells become")
        .input<Mel>("mel")
        .output<Mel>("mel", same_facts_as("mel"))
        .random();
  }
  SpecAugment(const Options& options, const Setup&) : options_(options) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    if (!context.training) return Outputs{inputs.pointer("mel")};
    Mel mel = inputs.get<Mel>("mel");
    const auto fill = static_cast<float>(options_.fill);
    Random bands = context.random("bands");
    for (std::int64_t i = 0; i < options_.band_masks; ++i) {
      const Mask mask = draw(bands, options_.band_width, mel.mels());
      for (std::int64_t band = mask.first; band < mask.first + mask.width; ++band)
        std::ranges::fill(mel.band(band), fill);
    }
    Random times = context.random("times");
    for (std::int64_t i = 0; i < options_.time_masks; ++i) {
      const Mask mask = draw(times, options_.time_width, mel.frames());
      for (std::int64_t band = 0; band < mel.mels(); ++band)
        std::ranges::fill(
            mel.band(band).subspan(static_cast<std::size_t>(mask.first), static_cast<std::size_t>(mask.width)), fill);
    }
    return Outputs{std::move(mel)};
  }

 private:
  Options options_;
};

}  // namespace

EARSHOT_PLUGIN(SpecAugment)
