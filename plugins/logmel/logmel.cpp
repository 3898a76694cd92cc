// logmel: the log-mel spectrogram that the encoder behind it states. One stage for every family of front ends.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "earshot/audio/front_end.h"
#include "earshot/audio/log_mel.h"
#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::optional<double> length_s;
};

class LogMelStage final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("logmel", /*algorithm=*/1, "computes the log-mel spectrogram that an encoder states")
        .option(&Options::length_s, "length_s", unit("s"), range(0.01, 86400),
                "shorter clips are padded with silence to this length and longer ones cut; auto leaves every length")
        .input<Waveform>("audio", same_fact_as("sample_rate", "mel"))
        .output<Mel>("mel", free_fact("sample_rate", "32000"), free_fact("front_end", audio::FrontEnd{}.to_text()))
        .numeric();
  }

  static Result<std::unique_ptr<LogMelStage>> create(const Options& options, const Setup& setup) {
    const Result<std::int64_t> rate = setup.number("mel", "sample_rate");
    if (!rate.ok()) return rate.error();
    const Result<audio::FrontEnd> front_end = audio::FrontEnd::parse(setup.fact("mel", "front_end"));
    if (!front_end.ok()) return front_end.error();
    Result<audio::LogMel> log_mel = audio::LogMel::create(*front_end, *rate);
    if (!log_mel.ok()) return std::move(log_mel).error();
    std::optional<std::int64_t> length;
    if (options.length_s) length = std::llround(*options.length_s * static_cast<double>(*rate));
    return std::make_unique<LogMelStage>(std::move(log_mel).value(), length);
  }
  LogMelStage(audio::LogMel log_mel, std::optional<std::int64_t> length)
      : log_mel_(std::move(log_mel)), length_(length) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    std::span<const float> samples = inputs.get<Waveform>("audio").samples();
    std::vector<float> padded;
    if (length_) {
      const auto length = static_cast<std::size_t>(*length_);
      if (samples.size() < length) {
        padded.assign(samples.begin(), samples.end());
        padded.resize(length);
        samples = padded;
      }
      samples = samples.first(length);
    }
    Result<Mel> mel = log_mel_.compute(samples);
    if (!mel.ok()) return std::move(mel).error();
    return Outputs{std::move(mel).value()};
  }

  Footprint footprint(const Footprint& input) const override {
    const auto rate_hz = static_cast<double>(log_mel_.sample_rate_hz());
    const std::int64_t samples = length_.value_or(static_cast<std::int64_t>(std::ceil(input.length_s * rate_hz)) + 2);
    const audio::FrontEnd& front_end = log_mel_.front_end();
    return {.length_s = static_cast<double>(samples) / rate_hz,
            .sample_rate_hz = log_mel_.sample_rate_hz(),
            .bytes = static_cast<std::int64_t>(sizeof(Mel)) + 4 * front_end.mels * front_end.frames(samples)};
  }

 private:
  audio::LogMel log_mel_;
  std::optional<std::int64_t> length_;  // samples that every clip is padded or cut to
};

}  // namespace

EARSHOT_PLUGIN(LogMelStage)
