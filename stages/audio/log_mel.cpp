#include "earshot/audio/log_mel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/mel_bank.h"
#include "lanes.h"
#include "power_spectrum.h"

namespace earshot::audio {
namespace {

std::vector<float> make_window(WindowShape shape, std::int64_t length) {
  std::vector<float> window(static_cast<std::size_t>(length));
  for (std::size_t n = 0; n < window.size(); ++n) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(length - 1);
    const double hann = 0.5 - 0.5 * std::cos(phase);
    window[n] = static_cast<float>(shape == WindowShape::kPovey ? std::pow(hann, 0.85) : hann);
  }
  return window;
}

// The signal that is cut into frames: the clip, scaled, without its mean, pre-emphasised, reflected at its edges.
struct Signal {
  std::span<const float> clip;
  float scale;
  float mean;         // taken off after scaling
  float preemphasis;  // over the signal; 0: none

  [[nodiscard]] std::int64_t length() const {
    return static_cast<std::int64_t>(clip.size()) - (preemphasis != 0 ? 1 : 0);
  }
  [[nodiscard]] float at(std::int64_t n) const {
    const auto i = static_cast<std::size_t>(n);
    const float value = clip[i] * scale - mean;
    return preemphasis != 0 ? (clip[i + 1] * scale - mean) - preemphasis * value : value;
  }
  [[nodiscard]] float reflected(std::int64_t n) const {
    if (n < 0) n = -n;
    if (n >= length()) n = 2 * (length() - 1) - n;
    return at(n);
  }
};

// samples[i] = scale * next[i] - mean - preemphasis * (scale * here[i] - mean)
EARSHOT_KERNEL void preemphasise(const float* here, const float* next, std::size_t count, float scale, float mean,
                                 float preemphasis, float* samples) {
  for (std::size_t i = 0; i < count; ++i)
    samples[i] = (next[i] * scale - mean) - preemphasis * (here[i] * scale - mean);
}

EARSHOT_KERNEL void scale_all(const float* here, std::size_t count, float scale, float mean, float* samples) {
  for (std::size_t i = 0; i < count; ++i) samples[i] = here[i] * scale - mean;
}

// Writes signal[first .. first + samples.size()) into `samples`; what lies beyond the reflected edges is 0.
void copy_signal(const Signal& signal, std::int64_t first, std::int64_t beyond_edges, std::span<float> samples) {
  const auto count = static_cast<std::int64_t>(samples.size());
  const std::int64_t inside = std::clamp<std::int64_t>(-first, 0, count);
  const std::int64_t outside = std::clamp<std::int64_t>(signal.length() - first, inside, count);
  const auto reflect = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const bool reflects = first + i < signal.length() + beyond_edges;
      samples[static_cast<std::size_t>(i)] = reflects ? signal.reflected(first + i) : 0.0F;
    }
  };
  reflect(0, inside);
  reflect(outside, count);
  if (inside == outside) return;
  const float* const here = signal.clip.data() + first + inside;
  float* const out = samples.data() + inside;
  const auto middle = static_cast<std::size_t>(outside - inside);
  if (signal.preemphasis != 0)
    preemphasise(here, here + 1, middle, signal.scale, signal.mean, signal.preemphasis, out);
  else
    scale_all(here, middle, signal.scale, signal.mean, out);
}

// samples: frame l starts at l * hop. -> tile [sample][lane]. In blocks that stay in the nearest cache.
void transpose(const float* samples, std::size_t hop, std::size_t window, float* tile) {
  constexpr std::size_t kBlock = 64;
  for (std::size_t first = 0; first < window; first += kBlock) {
    const std::size_t last = std::min(first + kBlock, window);
    for (std::size_t l = 0; l < kLanes; ++l)
      for (std::size_t j = first; j < last; ++j) tile[j * kLanes + l] = samples[l * hop + j];
  }
}

// Takes each frame's mean off, then y[j] = x[j] - p x[max(j - 1, 0)], from the last sample to the first.
EARSHOT_KERNEL void condition(float* tile, std::size_t window, bool remove_dc, float preemphasis) {
  if (remove_dc) {
    double sum[kLanes] = {};
    for (std::size_t j = 0; j < window; ++j)
      for (std::size_t l = 0; l < kLanes; ++l) sum[l] += static_cast<double>(tile[j * kLanes + l]);
    float mean[kLanes];
    for (std::size_t l = 0; l < kLanes; ++l) mean[l] = static_cast<float>(sum[l] / static_cast<double>(window));
    for (std::size_t j = 0; j < window; ++j)
      for (std::size_t l = 0; l < kLanes; ++l) tile[j * kLanes + l] -= mean[l];
  }
  if (preemphasis == 0) return;
  for (std::size_t j = window - 1; j > 0; --j) {
    float* const row = tile + j * kLanes;
    EARSHOT_INDEPENDENT_LANES
    for (std::size_t l = 0; l < kLanes; ++l) row[l] -= preemphasis * (row - kLanes)[l];
  }
  for (std::size_t l = 0; l < kLanes; ++l) tile[l] -= preemphasis * tile[l];
}

// spectrum[places[j]] = tile[j] * shape[j]
EARSHOT_KERNEL void apply_window(const float* tile, const float* shape, const std::uint32_t* places, std::size_t window,
                                 float* spectrum) {
  for (std::size_t j = 0; j < window; ++j) {
    float* const row = spectrum + places[j];
    const float* const from = tile + j * kLanes;
    const float weight = shape[j];
    EARSHOT_INDEPENDENT_LANES
    for (std::size_t l = 0; l < kLanes; ++l) row[l] = from[l] * weight;
  }
}

EARSHOT_KERNEL void mel_energies(const float* power, std::span<const MelBank::Filter> filters, const float* weights,
                                 float* energies) {
  for (std::size_t mel = 0; mel < filters.size(); ++mel) {
    const MelBank::Filter filter = filters[mel];
    const float* row = power + filter.first_bin * kLanes;
    const float* weight = weights + filter.first_weight;
    float sum[kLanes] = {};
    for (std::size_t t = 0; t < filter.count; ++t, row += kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) sum[l] += weight[t] * row[l];
    for (std::size_t l = 0; l < kLanes; ++l) energies[mel * kLanes + l] = sum[l];
  }
}

// ln(x) for normal x > 0: x = 2^e m with m in [sqrt(1/2), sqrt(2)), ln(m) = 2 artanh(s), s = (m - 1) / (m + 1), by its
// series to s^11 (error below 2e-9 for |s| <= 0.1716); ln(2) in two parts. x - x makes NaN of NaN and of infinity.
inline float natural_log(float x) {
  constexpr std::uint32_t kRootHalf = 0x3F3504F3;  // sqrt(1/2)
  const auto shifted = std::bit_cast<std::uint32_t>(x) - kRootHalf;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  const auto m = std::bit_cast<float>((shifted & 0x007FFFFFU) + kRootHalf);
  const float s = (m - 1.0F) / (m + 1.0F);
  const float q = s * s;
  const float series = q * (1.0F / 3 + q * (1.0F / 5 + q * (1.0F / 7 + q * (1.0F / 9 + q * (1.0F / 11)))));
  const float log = exponent * 0.693359375F + (exponent * -2.12194440e-4F + 2.0F * (s + s * series));
  return log + (x - x);
}

EARSHOT_KERNEL void log_and_normalise(float* values, std::size_t count, float floor, float offset, float mean,
                                      float inverse_std) {
  for (std::size_t i = 0; i < count; ++i)
    values[i] = (natural_log(std::max(values[i], floor) + offset) - mean) * inverse_std;
}

}  // namespace

struct LogMel::Tables {
  Tables(const FrontEnd& described, std::int64_t rate_hz)
      : front_end(described),
        sample_rate_hz(rate_hz),
        text(std::make_shared<const std::string>(described.to_text())),
        window(make_window(described.window_shape, described.window)),
        spectrum(static_cast<std::size_t>(described.fft)),
        bank(described.mels, described.fft, static_cast<double>(rate_hz), described.fmin,
             described.fmax != 0 ? described.fmax : static_cast<double>(rate_hz) / 2) {
    const auto fft = static_cast<std::size_t>(described.fft);
    offset = described.framing == Framing::kCentre ? (fft - window.size()) / 2 : 0;
    for (std::size_t j = 0; j < fft; ++j) {
      const auto place = static_cast<std::uint32_t>(spectrum.offset_of(j));
      (j >= offset && j < offset + window.size() ? places : empty_places).push_back(place);
    }
  }

  FrontEnd front_end;
  std::int64_t sample_rate_hz;
  std::shared_ptr<const std::string> text;
  std::vector<float> window;
  PowerSpectrum spectrum;
  MelBank bank;
  std::size_t offset = 0;                   // of the window inside the transform
  std::vector<std::uint32_t> places;        // of the window's samples in the transform's buffer
  std::vector<std::uint32_t> empty_places;  // of the zeros around it
};

namespace {

// Room for 16 frames on their way.
struct Scratch {
  explicit Scratch(const FrontEnd& front_end)
      : samples(static_cast<std::size_t>(static_cast<std::int64_t>(kLanes - 1) * front_end.hop + front_end.window)),
        tile(static_cast<std::size_t>(front_end.window) * kLanes),
        spectrum(static_cast<std::size_t>(front_end.fft) * kLanes),
        energies(static_cast<std::size_t>(front_end.mels) * kLanes) {}
  LaneBuffer samples;
  LaneBuffer tile;
  LaneBuffer spectrum;
  LaneBuffer energies;
};

Signal make_signal(const FrontEnd& front_end, std::span<const float> clip) {
  double mean = 0;
  if (front_end.dc == DcRemoval::kClipAndFrame)
    mean = std::accumulate(clip.begin(), clip.end(), 0.0) / static_cast<double>(clip.size());
  const bool over_signal = front_end.preemphasis_over == PreemphasisOver::kSignal;
  return {.clip = clip,
          .scale = static_cast<float>(front_end.scale),
          .mean = static_cast<float>(mean * front_end.scale),
          .preemphasis = over_signal ? static_cast<float>(front_end.preemphasis) : 0.0F};
}

}  // namespace

LogMel::LogMel(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
LogMel::LogMel(LogMel&&) noexcept = default;
LogMel& LogMel::operator=(LogMel&&) noexcept = default;
LogMel::~LogMel() = default;

const FrontEnd& LogMel::front_end() const noexcept { return tables_->front_end; }
std::int64_t LogMel::sample_rate_hz() const noexcept { return tables_->sample_rate_hz; }

Result<LogMel> LogMel::create(const FrontEnd& front_end, std::int64_t sample_rate_hz) {
  if (Status status = front_end.check(); !status.ok()) return std::move(status).error();
  const double nyquist_hz = static_cast<double>(sample_rate_hz) / 2;
  if (front_end.fmax > nyquist_hz || front_end.fmin >= nyquist_hz)
    return Error{ErrorCode::kInvalidArgument, "front end: mel bands from " + std::to_string(front_end.fmin) + " to " +
                                                  std::to_string(front_end.fmax) + " Hz do not fit below half of " +
                                                  std::to_string(sample_rate_hz) + " Hz"};
  return LogMel(std::make_unique<const Tables>(front_end, sample_rate_hz));
}

Result<Mel> LogMel::compute(std::span<const float> samples) const {
  const Tables& t = *tables_;
  const FrontEnd& front_end = t.front_end;
  const std::int64_t frames = front_end.frames(static_cast<std::int64_t>(samples.size()));
  if (frames == 0)
    return Error{ErrorCode::kUnsupported, "a clip of " + std::to_string(samples.size()) +
                                              " samples is too short for the front end, which needs " +
                                              std::to_string(front_end.shortest()) + "; set length_s of logmel"};
  const Signal signal = make_signal(front_end, samples);
  const bool over_frame = front_end.preemphasis_over == PreemphasisOver::kFrame;
  const float frame_preemphasis = over_frame ? static_cast<float>(front_end.preemphasis) : 0.0F;
  const bool floors = front_end.log == LogFlavour::kFloor;
  const auto epsilon = static_cast<float>(front_end.log_epsilon);
  const std::int64_t edge = front_end.framing == Framing::kCentre ? front_end.fft / 2 : 0;
  const auto mels = static_cast<std::size_t>(front_end.mels);

  Scratch scratch(front_end);
  std::vector<float> values(mels * static_cast<std::size_t>(frames));
  for (std::int64_t frame = 0; frame < frames; frame += static_cast<std::int64_t>(kLanes)) {
    copy_signal(signal, frame * front_end.hop - edge + static_cast<std::int64_t>(t.offset), edge, scratch.samples);
    transpose(scratch.samples.data(), static_cast<std::size_t>(front_end.hop), t.window.size(), scratch.tile.data());
    condition(scratch.tile.data(), t.window.size(), front_end.dc != DcRemoval::kNone, frame_preemphasis);
    for (const std::uint32_t place : t.empty_places) std::fill_n(scratch.spectrum.begin() + place, kLanes, 0.0F);
    apply_window(scratch.tile.data(), t.window.data(), t.places.data(), t.window.size(), scratch.spectrum.data());
    t.spectrum.run(scratch.spectrum.data());
    mel_energies(scratch.spectrum.data(), t.bank.filters(), t.bank.weights().data(), scratch.energies.data());
    log_and_normalise(scratch.energies.data(), scratch.energies.size(), floors ? epsilon : 0.0F,
                      floors ? 0.0F : epsilon, static_cast<float>(front_end.mean),
                      static_cast<float>(1.0 / front_end.std));
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(kLanes, frames - frame));
    for (std::size_t mel = 0; mel < mels; ++mel)
      std::copy_n(scratch.energies.begin() + static_cast<std::ptrdiff_t>(mel * kLanes), count,
                  values.begin() + static_cast<std::ptrdiff_t>(mel) * frames + frame);
  }
  return Mel(std::move(values), front_end.mels, t.sample_rate_hz, t.text);
}

}  // namespace earshot::audio
