#include "earshot/audio/front_end.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "earshot/contract/fact_record.h"

namespace earshot::audio {
namespace {

constexpr double kFloat32Epsilon = 1.1920928955078125e-07;  // 2^-23

// The names of an enumeration's values, in their order.
template <class E>
constexpr std::array<std::string_view, 0> kNames{};
template <>
constexpr std::array<std::string_view, 3> kNames<DcRemoval>{"none", "frame", "clip_and_frame"};
template <>
constexpr std::array<std::string_view, 2> kNames<Framing>{"snip", "centre"};
template <>
constexpr std::array<std::string_view, 2> kNames<LogFlavour>{"floor", "offset"};
template <>
constexpr std::array<std::string_view, 2> kNames<PreemphasisOver>{"frame", "signal"};
template <>
constexpr std::array<std::string_view, 2> kNames<WindowShape>{"hann", "povey"};

// Every member with its name, in alphabetical order: the one list behind text, parsing and completeness.
template <class Self, class Visit>
void visit_members(Self& self, const Visit& visit) {
  visit("dc", self.dc);
  visit("fft", self.fft);
  visit("fmax", self.fmax);
  visit("fmin", self.fmin);
  visit("framing", self.framing);
  visit("hop", self.hop);
  visit("log", self.log);
  visit("log_epsilon", self.log_epsilon);
  visit("mean", self.mean);
  visit("mels", self.mels);
  visit("preemphasis", self.preemphasis);
  visit("preemphasis_over", self.preemphasis_over);
  visit("scale", self.scale);
  visit("std", self.std);
  visit("window", self.window);
  visit("window_shape", self.window_shape);
}

template <class T>
requires std::is_arithmetic_v<T> std::string text_of(T value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

template <class E>
requires std::is_enum_v<E> std::string text_of(E value) {
  return std::string(kNames<E>[static_cast<std::size_t>(value)]);
}

// Reads `text` into `value`; false when it is no value of that type.
template <class T>
requires std::is_arithmetic_v<T>
bool read(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

template <class E>
requires std::is_enum_v<E>
bool read(std::string_view text, E& value) {
  const auto found = std::ranges::find(kNames<E>, text);
  if (found == kNames<E>.end()) return false;
  value = static_cast<E>(found - kNames<E>.begin());
  return true;
}

template <class T>
std::string expected() {
  if constexpr (std::is_enum_v<T>) {
    std::string names = "one of";
    for (const auto name : kNames<T>) names.append(" ").append(name);
    return names;
  } else {
    return std::is_integral_v<T> ? "a whole number" : "a number";
  }
}

Error wrong(const std::string& what) { return {ErrorCode::kInvalidArgument, "front end: " + what}; }

// Sets the member called `name`.
Status assign(FrontEnd& front_end, std::string_view name, std::string_view value) {
  bool known = false;
  Status status;
  visit_members(front_end, [&](std::string_view member, auto& field) {
    if (member != name) return;
    known = true;
    if (!read(value, field))
      status = wrong(std::string(name) + " is '" + std::string(value) + "', expected " +
                     expected<std::remove_cvref_t<decltype(field)>>());
  });
  if (!known) return wrong("no option is called '" + std::string(name) + "'");
  return status;
}

FrontEnd kaldi(std::int64_t mels) {
  return {.dc = DcRemoval::kFrame,
          .fft = 512,
          .fmin = 20,
          .framing = Framing::kSnip,
          .hop = 160,
          .log = LogFlavour::kFloor,
          .log_epsilon = kFloat32Epsilon,
          .mels = mels,
          .preemphasis = 0.97,
          .preemphasis_over = PreemphasisOver::kFrame,
          .window = 400};
}

}  // namespace

FrontEnd FrontEnd::passt() {
  return {
      .fft = 1024, .fmax = 15000, .hop = 320, .mean = -4.5, .mels = 128, .preemphasis = 0.97, .std = 5, .window = 800};
}

FrontEnd FrontEnd::beats() {
  FrontEnd front_end = kaldi(128);
  front_end.mean = 15.41663;
  front_end.scale = 32768;
  front_end.std = 2 * 6.55582;
  front_end.window_shape = WindowShape::kPovey;
  return front_end;
}

FrontEnd FrontEnd::vast() {
  FrontEnd front_end = beats();
  front_end.mels = 64;
  return front_end;
}

FrontEnd FrontEnd::cavmae() {
  FrontEnd front_end = kaldi(128);
  front_end.dc = DcRemoval::kClipAndFrame;
  front_end.mean = -5.081;
  front_end.std = 4.4849;
  return front_end;
}

std::string FrontEnd::to_text() const {
  std::string text;
  visit_members(*this, [&text](std::string_view name, const auto& value) {
    if (!text.empty()) text += ' ';
    text.append(name).append("=").append(text_of(value));
  });
  return text;
}

Result<FrontEnd> FrontEnd::parse(std::string_view text) {
  const auto fields = fact_fields(text);
  if (!fields.ok()) return wrong(fields.error().message);
  FrontEnd front_end;
  for (const auto& [name, value] : *fields)
    if (Status status = assign(front_end, name, value); !status.ok()) return status.error();
  if (Status status = front_end.check(); !status.ok()) return status.error();
  return front_end;
}

Status FrontEnd::check() const {
  const auto outside = [](std::string_view name, double value, double low, double high) {
    return !(value >= low && value <= high)
               ? std::optional(wrong(std::string(name) + " is " + text_of(value) + ", expected " + text_of(low) +
                                     " to " + text_of(high)))
               : std::nullopt;
  };
  constexpr double kHighest_hz = 384000;
  const std::array bounds{
      std::tuple{"fft", static_cast<double>(fft), 16.0, 32768.0},
      std::tuple{"fmax", fmax, 0.0, kHighest_hz},
      std::tuple{"fmin", fmin, 0.0, kHighest_hz},
      std::tuple{"hop", static_cast<double>(hop), 1.0, 32768.0},
      std::tuple{"log_epsilon", log_epsilon, 1e-30, 1.0},
      std::tuple{"mean", mean, -1e6, 1e6},
      std::tuple{"mels", static_cast<double>(mels), 1.0, 512.0},
      std::tuple{"preemphasis", preemphasis, 0.0, 1.0},
      std::tuple{"scale", scale, 1e-6, 1e9},
      std::tuple{"std", std, 1e-6, 1e6},
      std::tuple{"window", static_cast<double>(window), 2.0, static_cast<double>(fft)},
  };
  for (const auto& [name, value, low, high] : bounds)
    if (auto error = outside(name, value, low, high)) return *error;
  if ((fft & (fft - 1)) != 0) return wrong("fft is " + text_of(fft) + ", expected a power of two");
  if (fmax != 0 && fmax <= fmin) return wrong("fmax is " + text_of(fmax) + ", not above fmin " + text_of(fmin));
  return {};
}

std::int64_t FrontEnd::shortest() const noexcept {
  const std::int64_t lost = preemphasis != 0 && preemphasis_over == PreemphasisOver::kSignal ? 1 : 0;
  // Reflection of fft / 2 samples at an edge needs one sample more than that.
  return lost + (framing == Framing::kSnip ? window : fft / 2 + 1);
}

std::int64_t FrontEnd::frames(std::int64_t samples) const noexcept {
  if (samples < shortest()) return 0;
  const std::int64_t lost = preemphasis != 0 && preemphasis_over == PreemphasisOver::kSignal ? 1 : 0;
  return 1 + (samples - lost - (framing == Framing::kSnip ? window : 0)) / hop;
}

}  // namespace earshot::audio
