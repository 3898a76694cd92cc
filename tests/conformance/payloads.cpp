#include "payloads.h"

#include <limits>
#include <memory>
#include <vector>

#include "earshot/audio/front_end.h"
#include "earshot/audio/mel.h"
#include "earshot/audio/recording.h"
#include "earshot/audio/waveform.h"
#include "earshot/contract/embedding.h"
#include "earshot/retrieval/mix.h"
#include "earshot/text/text.h"
#include "earshot/text/tokeniser.h"
#include "earshot/text/tokens.h"

namespace earshot::conformance {
namespace {

// Noise in [-0.5, 0.5), a function of (seed, index).
float noise(std::uint64_t seed, std::int64_t index) {
  std::uint64_t bits = (static_cast<std::uint64_t>(index) + seed * 0x9E3779B97F4A7C15ULL) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ (bits >> 31)) * 0x94D049BB133111EBULL;
  return static_cast<float>(bits >> 40) * 0x1p-24F - 0.5F;
}

std::int64_t length_of(Shape shape, std::int64_t usual, std::int64_t very_long) {
  if (shape == Shape::kEmpty) return 0;
  if (shape == Shape::kOne) return 1;
  return shape == Shape::kVeryLong ? very_long : usual;
}

// The value at `index` of `count`.
float value(Shape shape, std::uint64_t seed, std::int64_t index, std::int64_t count) {
  if (shape == Shape::kSilent) return 0;
  if (shape == Shape::kUnsound && index == count / 2) return std::numeric_limits<float>::quiet_NaN();
  return noise(seed, index);
}

std::vector<float> values(Shape shape, std::uint64_t seed, std::int64_t count) {
  std::vector<float> all(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) all[static_cast<std::size_t>(i)] = value(shape, seed, i, count);
  return all;
}

class NoiseContent final : public AudioContent {
 public:
  NoiseContent(Shape shape, std::uint64_t seed) : shape_(shape), seed_(seed) {
    const bool very_long = shape == Shape::kVeryLong;
    header_ = {.frames = length_of(shape, std::int64_t{12} * 44'100 + 345, std::int64_t{30} * 60 * 8'000),
               .sample_rate_hz = very_long ? 8'000 : 44'100,
               .channels = 2,
               .format = "noise"};
  }
  [[nodiscard]] const AudioHeader& header() const noexcept override { return header_; }
  [[nodiscard]] std::string name() const override { return "noise " + std::to_string(seed_); }
  [[nodiscard]] Result<std::vector<float>> render(FrameRange range, Downmix downmix) const override {
    if (range.first < 0 || range.frames < 0 || range.first + range.frames > header_.frames)
      return Error{ErrorCode::kInvalidArgument, "the range lies outside the recording"};
    const float factor = downmix == Downmix::kMean ? 0.5F : 1.0F;
    std::vector<float> samples;
    samples.reserve(static_cast<std::size_t>(range.frames));
    for (std::int64_t n = range.first; n < range.first + range.frames; ++n)
      samples.push_back(factor * value(shape_, seed_, n, header_.frames));
    return samples;
  }

 private:
  Shape shape_;
  std::uint64_t seed_;
  AudioHeader header_;
};

std::int64_t number(const PortFacts& facts, const char* name) { return std::stoll(facts.at(name)); }

PayloadPtr make_waveform(const PortFacts& facts, Shape shape, std::uint64_t seed) {
  const std::int64_t rate = number(facts, "sample_rate");
  return std::make_shared<Waveform>(values(shape, seed, length_of(shape, 2 * rate + 17, 180 * rate)), rate);
}

PayloadPtr make_mel(const PortFacts& facts, Shape shape, std::uint64_t seed) {
  const std::int64_t mels = audio::FrontEnd::parse(facts.at("front_end")).value().mels;
  return std::make_shared<Mel>(values(shape, seed, mels * length_of(shape, 150, 6000)), mels,
                               number(facts, "sample_rate"),
                               std::make_shared<const std::string>(facts.at("front_end")));
}

PayloadPtr make_text(Shape shape, std::uint64_t seed) {
  switch (shape) {
    case Shape::kEmpty:
      return std::make_shared<Text>("");
    case Shape::kOne:
      return std::make_shared<Text>("a");
    case Shape::kSilent:
      return std::make_shared<Text>(" \t\n  ");
    case Shape::kUnsound:
      return std::make_shared<Text>("a d\xff\xfe\x80og \xc3");
    case Shape::kUsual:
    case Shape::kVeryLong:
      break;
  }
  std::string text =
      "Rain no. " + std::to_string(seed) + " falls on a tin roof, then na\xc3\xafve thunder; \"\xe9\x9b\xa8\"";
  if (shape == Shape::kVeryLong)
    for (int i = 0; i < 100'000; ++i) text += " word" + std::to_string(i);
  return std::make_shared<Text>(std::move(text));
}

PayloadPtr make_tokens(const PortFacts& facts, Shape shape, std::uint64_t seed) {
  const auto tokeniser = std::make_shared<const text::Tokeniser>(text::Tokeniser::parse(facts.at("tokeniser")).value());
  const std::int64_t ordinary = tokeniser->vocabulary - tokeniser->first_ordinary();
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < length_of(shape, 12, tokeniser->max_tokens); ++i) {
    const auto drawn = static_cast<std::int64_t>((noise(seed, i) + 0.5F) * static_cast<float>(ordinary - 1));
    ids.push_back(shape == Shape::kSilent    ? tokeniser->pad
                  : shape == Shape::kUnsound ? tokeniser->vocabulary - 1
                                             : tokeniser->first_ordinary() + static_cast<std::int32_t>(drawn));
  }
  return std::make_shared<Tokens>(std::move(ids), tokeniser);
}

}  // namespace

const char* to_string(Shape shape) {
  static constexpr const char* kNames[] = {"usual", "empty", "one", "silent", "unsound", "very long"};
  return kNames[static_cast<std::size_t>(shape)];
}

PayloadPtr make_payload(const std::string& kind, const PortFacts& facts, Shape shape, std::uint64_t seed) {
  if (kind == Recording::kInfo.kind) return std::make_shared<Recording>(std::make_shared<NoiseContent>(shape, seed));
  if (kind == Waveform::kInfo.kind) return make_waveform(facts, shape, seed);
  if (kind == Mel::kInfo.kind) return make_mel(facts, shape, seed);
  if (kind == Text::kInfo.kind) return make_text(shape, seed);
  if (kind == Tokens::kInfo.kind) return make_tokens(facts, shape, seed);
  if (kind == Embedding::kInfo.kind)
    return std::make_shared<PlainEmbedding>(
        values(shape == Shape::kEmpty ? Shape::kSilent : shape, seed, number(facts, "dim")));
  if (kind == Mix::kInfo.kind) return std::make_shared<Mix>("item1", "item2", 0.25);
  return nullptr;
}

}  // namespace earshot::conformance
