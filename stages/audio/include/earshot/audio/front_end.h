// FrontEnd: how a waveform becomes a log-mel spectrogram. Every option that changes a value, as one record.
//
// The record's canonical text, `name=value name=value` with names in alphabetical order, is the fact `front_end` of a
// mel port: an encoder states it, `logmel` computes it, the graph checker compares it as text. The sample rate is a
// fact of its own and not part of it.
//
// The steps, in this order (x: samples; frames of `window` samples every `hop`):
//   x *= scale;  x -= mean(x) if dc=clip_and_frame;
//   pre-emphasis over the signal, y[n] = x[n+1] - p x[n] (one sample shorter), if preemphasis_over=signal;
//   framing: `snip` takes the frames that fit whole; `centre` puts frame t around sample t*hop, reflecting the edges;
//   frame -= mean(frame) if dc is not none;  y[j] = x[j] - p x[max(j-1,0)] if preemphasis_over=frame;
//   window shape (of `window` samples, in the middle of fft with `centre`, at its start with `snip`);
//   power |FFT|^2;  mel bank of Kaldi triangles from fmin to fmax;  log;  (value - mean) / std.
//
// Source: torchaudio.compliance.kaldi.fbank (BEATs, VAST, CAV-MAE) and hear21passt's AugmentMelSTFT (PaSST).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "earshot/contract/result.h"

namespace earshot::audio {

enum class DcRemoval : std::uint8_t { kNone, kFrame, kClipAndFrame };
enum class Framing : std::uint8_t { kSnip, kCentre };
enum class LogFlavour : std::uint8_t {
  kFloor,   // ln(max(E, log_epsilon))
  kOffset,  // ln(E + log_epsilon)
};
enum class PreemphasisOver : std::uint8_t { kFrame, kSignal };
enum class WindowShape : std::uint8_t {
  kHann,   // 0.5 - 0.5 cos(2 pi n / (window - 1)): symmetric
  kPovey,  // hann ^ 0.85
};

struct FrontEnd {
  DcRemoval dc = DcRemoval::kNone;
  std::int64_t fft = 1024;  // samples; a power of two, 16..32768
  double fmax = 0;          // Hz, upper edge of the last triangle; 0: half the sample rate
  double fmin = 0;          // Hz, lower edge of the first triangle
  Framing framing = Framing::kCentre;
  std::int64_t hop = 320;  // samples, 1..32768
  LogFlavour log = LogFlavour::kOffset;
  double log_epsilon = 1e-5;
  double mean = 0;         // of log-mel values, taken off
  std::int64_t mels = 64;  // 1..512
  double preemphasis = 0;  // 0..1
  PreemphasisOver preemphasis_over = PreemphasisOver::kSignal;
  double scale = 1;           // what samples in [-1, 1] are multiplied by
  double std = 1;             // divided by after the mean
  std::int64_t window = 800;  // samples, 2..fft
  WindowShape window_shape = WindowShape::kHann;

  friend bool operator==(const FrontEnd&, const FrontEnd&) = default;

  // The front ends of published encoders. 32 kHz: PaSST (evaluation mode, fmax 15 kHz). 16 kHz: the others.
  static FrontEnd passt();
  static FrontEnd beats();
  static FrontEnd vast();
  static FrontEnd cavmae();

  // Canonical text: every name, doubles in the shortest form that reads back to the same bits.
  [[nodiscard]] std::string to_text() const;
  // Names in any order, those left out keep their defaults, ranges checked.
  // Errors: kInvalidArgument naming the part that is wrong and what was expected.
  static Result<FrontEnd> parse(std::string_view text);

  // Whether the ranges above hold. Errors: kInvalidArgument.
  [[nodiscard]] Status check() const;
  // The fewest samples that give a frame.
  [[nodiscard]] std::int64_t shortest() const noexcept;
  // Frames of a clip of `samples` samples; 0 when it is shorter than shortest().
  [[nodiscard]] std::int64_t frames(std::int64_t samples) const noexcept;
};

}  // namespace earshot::audio
