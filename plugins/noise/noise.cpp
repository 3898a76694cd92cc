// noise: adds white or pink noise to a waveform while training, at a random signal-to-noise ratio.
//
// White: each sample the sum of four uniform numbers (close to normal). Pink: the sum of 16 white sequences of which
// sequence k changes every 2^k samples (Voss's algorithm; Gardner, Scientific American, April 1978).
#include <bit>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  double lowest_snr_db = 10;
  double highest_snr_db = 40;
  std::string colour = "white";
  double probability = 1;
};

// The sum of four uniform numbers in [-0.5, 0.5), 16 bits each.
float white_sample(Random& random) {
  const std::uint32_t a = random.bits32();
  const std::uint32_t b = random.bits32();
  const std::uint32_t sum = (a & 0xFFFFU) + (a >> 16) + (b & 0xFFFFU) + (b >> 16);
  return static_cast<float>(sum) / 65536.0F - 2.0F;
}

std::vector<float> make_noise(Random& random, std::size_t frames, bool pink) {
  constexpr unsigned kSequences = 16;
  std::vector<float> noise(frames);
  float sequences[kSequences];
  for (float& value : sequences) value = white_sample(random);
  for (std::size_t n = 0; n < frames; ++n) {
    noise[n] = white_sample(random);
    if (!pink) continue;
    const auto changing = static_cast<unsigned>(std::countr_zero(n + 1));
    if (changing < kSequences) sequences[changing] = white_sample(random);
    for (const float value : sequences) noise[n] += value;
  }
  return noise;
}

double power(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += static_cast<double>(sample) * static_cast<double>(sample);
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

class Noise final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("noise", /*algorithm=*/1, "adds noise to a waveform at a random level")
        .option(&Options::lowest_snr_db, "lowest_snr_db", unit("dB"), range(-20, 120), "the loudest noise")
        .option(&Options::highest_snr_db, "highest_snr_db", unit("dB"), range(-20, 120), "the softest noise")
        .option(&Options::colour, "colour", choices({"white", "pink"}),
                "equal power in every hertz, or in every octave")
        .option(&Options::probability, "probability", range(0, 1), "share of the clips that get noise")
        .input<Waveform>("audio")
        .output<Waveform>("audio", same_facts_as("audio"))
        .random();
  }

  static Result<std::unique_ptr<Noise>> create(const Options& options, const Setup&) {
    if (options.lowest_snr_db > options.highest_snr_db)
      return Error{ErrorCode::kInvalidArgument, "noise: lowest_snr_db is above highest_snr_db; exchange them"};
    return std::make_unique<Noise>(options);
  }
  explicit Noise(Options options) : options_(std::move(options)) {}

  Result<Outputs> process(const Inputs& inputs, Context& context) const override {
    if (!context.training || context.random("whether").uniform() >= options_.probability)
      return Outputs{inputs.pointer("audio")};
    Waveform noisy = inputs.get<Waveform>("audio");
    const std::span<float> samples = noisy.samples();
    Random random = context.random("noise");
    const std::vector<float> noise = make_noise(random, samples.size(), options_.colour == "pink");
    const double snr_db = context.random("level").uniform(options_.lowest_snr_db, options_.highest_snr_db);
    const double noise_power = power(noise);
    if (noise_power == 0) return Outputs{std::move(noisy)};
    const auto factor = static_cast<float>(std::sqrt(power(samples) / noise_power * std::pow(10.0, -snr_db / 10)));
    for (std::size_t n = 0; n < samples.size(); ++n) samples[n] += factor * noise[n];
    return Outputs{std::move(noisy)};
  }

 private:
  Options options_;
};

}  // namespace

EARSHOT_PLUGIN(Noise)
