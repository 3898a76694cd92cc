#include "sound_bank.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "earshot/audio/audio_file.h"
#include "earshot/audio/resampler.h"
#include "earshot/contract/content_id.h"

namespace earshot::scenes {
namespace {

constexpr float kSilence = 1e-4F;

Status level(std::vector<float>& samples, const std::string& name) {
  float peak = 0;
  double power = 0;
  for (const float sample : samples) {
    peak = std::max(peak, std::abs(sample));
    power += static_cast<double>(sample) * static_cast<double>(sample);
  }
  if (peak < kSilence) return Error{ErrorCode::kCorruptInput, name + ": silent; leave it out of the palette"};
  const auto rms = static_cast<float>(std::sqrt(power / static_cast<double>(samples.size())));
  const float gain = std::min(kPeak / peak, kRms / rms);
  for (float& sample : samples) sample *= gain;
  return {};
}

std::string describe(const Formula& formula) {
  return "formula/1 " + std::to_string(static_cast<int>(formula.family)) + " " + std::to_string(formula.a_hz) + " " +
         std::to_string(formula.b_hz) + " " + std::to_string(formula.rate_hz) + " " + std::to_string(formula.length_s);
}

}  // namespace

Result<std::shared_ptr<const SoundBank>> SoundBank::open(std::vector<Sound> sounds, std::int64_t sample_rate_hz,
                                                         double max_length_s) {
  const auto rate = static_cast<double>(sample_rate_hz);
  const auto longest = static_cast<std::int64_t>(std::llround(max_length_s * rate));
  const std::shared_ptr<SoundBank> bank(new SoundBank(sample_rate_hz));
  std::int64_t bytes = 0;
  for (Sound& sound : sounds) {
    auto entry = std::make_unique<Entry>();
    if (sound.file.empty()) {
      entry->frames = static_cast<std::int64_t>(std::llround(sound.formula.length_s * rate));
    } else {
      auto file = audio::AudioFile::open(sound.file);
      if (!file.ok()) return std::move(file).error();
      entry->content = *std::move(file);
      entry->frames = rescale(entry->content->header().frames, entry->content->header().sample_rate_hz, sample_rate_hz);
    }
    entry->frames = std::min(entry->frames, longest);
    entry->sound = std::move(sound);
    bytes += entry->frames * static_cast<std::int64_t>(sizeof(float));
    if (bytes > kMaxBytes)
      return Error{ErrorCode::kTooLarge, "the palette's recordings would take more than 1 GiB: take fewer of them"};
    bank->entries_.push_back(std::move(entry));
  }
  return std::shared_ptr<const SoundBank>(bank);
}

Result<std::span<const float>> SoundBank::samples(std::size_t i) const {
  Entry& entry = *entries_[i];
  std::call_once(entry.decoded, [&] { entry.samples = decode(entry); });
  if (!entry.samples.ok()) return entry.samples.error();
  return std::span<const float>(*entry.samples);
}

Result<std::vector<float>> SoundBank::decode(const Entry& entry) const {
  Result<std::vector<float>> samples =
      entry.content == nullptr ? synthesise(entry.sound.formula, sample_rate_hz_) : read(*entry.content, entry.frames);
  if (!samples.ok()) return samples;
  samples->resize(static_cast<std::size_t>(entry.frames));
  if (const Status levelled = level(*samples, entry.sound.name); !levelled.ok()) return levelled.error();
  return samples;
}

// The first `frames` frames at the bank's rate.
Result<std::vector<float>> SoundBank::read(const AudioContent& content, std::int64_t frames) const {
  const Result<audio::Resampler> resampler = audio::Resampler::create(content.header().sample_rate_hz, sample_rate_hz_);
  if (!resampler.ok()) return resampler.error();
  const FrameRange needed = resampler->needed({0, frames});
  const std::int64_t end = std::clamp<std::int64_t>(needed.first + needed.frames, 0, content.header().frames);
  const Result<std::vector<float>> input = content.render({0, end}, Downmix::kMean);
  if (!input.ok()) return input.error();
  return resampler->resample(*input, 0, {0, frames});
}

Result<std::string> SoundBank::content_id(std::size_t i) const {
  Entry& entry = *entries_[i];
  std::call_once(entry.hashed, [&] {
    entry.id = entry.content == nullptr ? Result<std::string>(earshot::content_id(describe(entry.sound.formula)))
                                        : content_id_of_file(entry.sound.file);
  });
  return entry.id;
}

}  // namespace earshot::scenes
