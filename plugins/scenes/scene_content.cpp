#include "scene_content.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "earshot/contract/content_id.h"

namespace earshot::scenes {
namespace {

// White noise in [-1, 1) at a frame: an integer hash of (key, frame), "lowbias32" of Wellons, "Prospecting for hash
// functions", 2018.
float noise_at(std::uint32_t key, std::int64_t frame) {
  std::uint32_t x = static_cast<std::uint32_t>(frame) * 0x9E3779B9U + key;
  x = (x ^ (x >> 16)) * 0x7FEB352DU;
  x = (x ^ (x >> 15)) * 0x846CA68BU;
  x ^= x >> 16;
  return static_cast<float>(static_cast<std::int32_t>(x)) * 0x1p-31F;
}

// 1 inside, falling linearly to 0 at both ends of [0, length).
float fade_at(std::int64_t frame, std::int64_t length, std::int64_t fade) {
  const std::int64_t edge = std::min(frame, length - 1 - frame);
  return edge >= fade ? 1.0F : (static_cast<float>(edge) + 0.5F) / static_cast<float>(fade);
}

void add(const Part& part, std::span<const float> sound, FrameRange range, std::vector<float>& mix) {
  const auto own = static_cast<std::int64_t>(sound.size());
  const std::int64_t first = std::max(range.first, part.start) - part.start;  // frames of the part
  const std::int64_t last = std::min(range.first + range.frames, part.start + part.frames) - part.start;
  for (std::int64_t repeat = std::max<std::int64_t>(0, (first - own) / part.period) * part.period; repeat < last;
       repeat += part.period) {
    const auto stretch = [&](std::int64_t begin, std::int64_t end, auto shape) {
      for (std::int64_t frame = begin; frame < end; ++frame)
        mix[static_cast<std::size_t>(part.start + frame - range.first)] +=
            part.gain * shape(frame) * sound[static_cast<std::size_t>(frame - repeat)];
    };
    const auto edge = [&](std::int64_t frame) {
      return fade_at(frame, part.frames, part.fade) * fade_at(frame - repeat, own, part.fade);
    };
    const auto inside = [](std::int64_t) { return 1.0F; };
    const std::int64_t begin = std::max(first, repeat);
    const std::int64_t end = std::max(begin, std::min(last, repeat + own));
    const std::int64_t faded_in = std::clamp(repeat + part.fade, begin, end);
    const std::int64_t fading_out = std::clamp(std::min(repeat + own, part.frames) - part.fade, faded_in, end);
    stretch(begin, faded_in, edge);
    stretch(faded_in, fading_out, inside);
    stretch(fading_out, end, edge);
  }
}

}  // namespace

SceneContent::SceneContent(std::shared_ptr<const SoundBank> bank, Scene scene)
    : bank_(std::move(bank)),
      scene_(std::move(scene)),
      header_{.frames = scene_.frames, .sample_rate_hz = bank_->sample_rate_hz(), .channels = 1, .format = "scene"} {}

Result<std::vector<float>> SceneContent::render(FrameRange range, Downmix /*downmix*/) const {
  if (range.first < 0 || range.frames < 0 || range.first > header_.frames - range.frames)
    return Error{ErrorCode::kInvalidArgument, scene_.id + ": a range outside the scene's " +
                                                  std::to_string(header_.frames) + " frames was asked for"};
  std::vector<float> mix(static_cast<std::size_t>(range.frames));
  for (std::int64_t i = 0; i < range.frames; ++i)
    mix[static_cast<std::size_t>(i)] = scene_.noise_gain * noise_at(scene_.noise_key, range.first + i);
  for (const Part& part : scene_.parts) {
    const Result<std::span<const float>> sound = bank_->samples(part.sound);
    if (!sound.ok()) return sound.error();
    add(part, *sound, range, mix);
  }
  return mix;
}

Result<std::string> content_id(const SoundBank& bank, const Scene& scene) {
  std::array<char, 160> line{};
  std::snprintf(line.data(), line.size(), "scene/1 %lld Hz %lld frames, noise %x %a\n",
                static_cast<long long>(bank.sample_rate_hz()), static_cast<long long>(scene.frames), scene.noise_key,
                static_cast<double>(scene.noise_gain));
  std::string description = line.data();
  for (const Part& part : scene.parts) {
    const Result<std::string> sound = bank.content_id(part.sound);
    if (!sound.ok()) return sound.error();
    std::snprintf(line.data(), line.size(), " %lld %lld %lld %lld %a\n", static_cast<long long>(part.start),
                  static_cast<long long>(part.frames), static_cast<long long>(part.period),
                  static_cast<long long>(part.fade), static_cast<double>(part.gain));
    description += *sound + line.data();
  }
  return earshot::content_id(description);
}

}  // namespace earshot::scenes
