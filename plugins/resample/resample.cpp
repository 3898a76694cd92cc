// resample: a waveform at another sample rate. A range comes out with the bits of the whole.
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "earshot/audio/resampler.h"
#include "earshot/audio/waveform.h"
#include "earshot/contract/plugin.h"

namespace {
using namespace earshot;

struct Options {
  std::optional<std::int64_t> sample_rate_hz;
};

// Invariant: resamplers_[r] goes from r to sample_rate_hz_. Each is made once, at most kMostKept are kept.
class Resample final : public Map {
 public:
  static auto contract() {
    return Contract<Options>("resample", /*algorithm=*/1, "changes the sample rate of a waveform")
        .option(&Options::sample_rate_hz, "sample_rate_hz", unit("Hz"), range(1000, 768000),
                "the new rate; auto: what the stages behind it need")
        .input<Waveform>("audio", per_item_fact("sample_rate"))
        .output<Waveform>("audio", fact_from_option("sample_rate", "sample_rate_hz"))
        .ranged()
        .numeric();
  }

  static Result<std::unique_ptr<Resample>> create(const Options& options, const Setup& setup) {
    if (options.sample_rate_hz) return std::make_unique<Resample>(*options.sample_rate_hz);
    const Result<std::int64_t> rate = setup.number("audio", "sample_rate");
    if (!rate.ok()) return rate.error();
    return std::make_unique<Resample>(*rate);
  }
  explicit Resample(std::int64_t sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {}

  Result<Outputs> process(const Inputs& inputs, Context&) const override {
    const auto& waveform = inputs.get<Waveform>("audio");
    if (waveform.sample_rate_hz() == sample_rate_hz_) return Outputs{inputs.pointer("audio")};
    const Result<std::shared_ptr<const audio::Resampler>> made = resampler(waveform.sample_rate_hz());
    if (!made.ok()) return made.error();
    const audio::Resampler& resampler = **made;
    const std::int64_t source_frames = resampler.output_frames(waveform.source_frames());
    const FrameRange range = waveform.range().at(sample_rate_hz_, source_frames);
    std::vector<float> samples =
        resampler.resample(waveform.with_neighbours(), waveform.first_frame() - waveform.lead(), range);
    return Outputs{
        Waveform(std::move(samples), sample_rate_hz_, {.range = waveform.range(), .source_frames = source_frames})};
  }

  Footprint footprint(const Footprint& input) const override {
    const auto frames = static_cast<std::int64_t>(std::ceil(input.length_s * static_cast<double>(sample_rate_hz_))) + 2;
    return {.length_s = input.length_s,
            .sample_rate_hz = sample_rate_hz_,
            .bytes = std::max(input.bytes, static_cast<std::int64_t>(sizeof(Waveform)) + 4 * frames)};
  }

 private:
  static constexpr std::size_t kMostKept = 64;

  Result<std::shared_ptr<const audio::Resampler>> resampler(std::int64_t from_hz) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = resamplers_.find(from_hz); found != resamplers_.end()) return found->second;
    Result<audio::Resampler> made = audio::Resampler::create(from_hz, sample_rate_hz_);
    if (!made.ok()) return std::move(made).error();
    auto shared = std::make_shared<const audio::Resampler>(std::move(made).value());
    if (resamplers_.size() < kMostKept) resamplers_.emplace(from_hz, shared);
    return shared;
  }

  std::int64_t sample_rate_hz_;
  mutable std::mutex mutex_;
  mutable std::map<std::int64_t, std::shared_ptr<const audio::Resampler>> resamplers_;
};

}  // namespace

EARSHOT_PLUGIN(Resample)
