#include "scene.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "caption.h"

namespace earshot::scenes {
namespace {

constexpr double kBackgroundShare = 0.5;  // of the scenes in which a sound could go on behind the others
constexpr double kShort_s = 1.5;          // shorter sounds may be repeated
constexpr double kMinGap_s = 0.15;        // between two steps
constexpr double kFade_s = 0.01;
constexpr double kLoopFade_s = 0.05;

float from_db(double db) { return static_cast<float>(std::pow(10.0, db / 20)); }

void shuffle(std::vector<std::size_t>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
}

// The largest length that each may have so that all together have at most `budget`.
std::int64_t common_limit(std::vector<std::int64_t> lengths, std::int64_t budget) {
  std::sort(lengths.begin(), lengths.end());
  std::int64_t left = budget;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto rest = static_cast<std::int64_t>(lengths.size() - i);
    if (lengths[i] * rest > left) return left / rest;
    left -= lengths[i];
  }
  return budget;
}

// Lays sounds out in a scene of `frames` frames at the bank's rate.
class Layout {
 public:
  Layout(const SoundBank& bank, std::int64_t frames, Random random)
      : bank_(bank), frames_(frames), rate_(static_cast<double>(bank.sample_rate_hz())), random_(random) {}

  std::vector<Part> parts(const Arrangement& arrangement) {
    std::vector<std::vector<Part>> steps;
    for (const std::vector<std::size_t>& sounds : arrangement.steps) steps.push_back(step(sounds));
    place(steps);
    std::vector<Part> all;
    for (const std::vector<Part>& placed : steps) all.insert(all.end(), placed.begin(), placed.end());
    if (arrangement.background) all.push_back(background(*arrangement.background));
    return all;
  }

 private:
  [[nodiscard]] std::int64_t frames(double seconds) const { return std::llround(seconds * rate_); }

  Part foreground(std::size_t sound) {
    Part part{.sound = sound, .frames = bank_.frames(sound), .fade = frames(kFade_s)};
    part.gain = from_db(random_.uniform(-9, 0));
    part.period = part.frames + frames(random_.uniform(0.1, 0.4));
    const std::int64_t times = bank_.frames(sound) < frames(kShort_s) ? 1 + random_.below(3) : 1;
    part.frames += (times - 1) * part.period;
    return part;
  }

  // The sounds of one step, the shorter within the longer; starts count from the step's own.
  std::vector<Part> step(const std::vector<std::size_t>& sounds) {
    std::vector<Part> parts;
    for (const std::size_t sound : sounds) parts.push_back(foreground(sound));
    if (parts.size() == 2) {
      const auto longer = static_cast<std::size_t>(parts[1].frames > parts[0].frames);
      const std::int64_t room = parts[longer].frames - parts[1 - longer].frames;
      parts[1 - longer].start = random_.below(room + 1);
    }
    return parts;
  }

  static std::int64_t length(const std::vector<Part>& step) {
    std::int64_t end = 0;
    for (const Part& part : step) end = std::max(end, part.start + part.frames);
    return end;
  }

  // Shortens what does not fit and spreads the silence that is left between the steps.
  void place(std::vector<std::vector<Part>>& steps) {
    const std::int64_t gap = frames(kMinGap_s);
    const std::int64_t budget = frames_ - gap * (std::ssize(steps) + 1);
    std::vector<std::int64_t> lengths;
    for (const std::vector<Part>& step : steps) lengths.push_back(length(step));
    const std::int64_t limit = common_limit(lengths, budget);
    std::int64_t silence = budget;
    for (std::int64_t& length : lengths) silence -= length = std::min(length, limit);
    std::vector<std::int64_t> offsets;
    for (std::size_t i = 0; i < steps.size(); ++i) offsets.push_back(random_.below(silence + 1));
    std::sort(offsets.begin(), offsets.end());

    std::int64_t before = gap;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      for (Part& part : steps[i]) {
        part.start = std::min(part.start, std::max<std::int64_t>(0, lengths[i] - part.frames));
        part.frames = std::min(part.frames, lengths[i]);
        part.start += before + offsets[i];
      }
      before += lengths[i] + gap;
    }
  }

  Part background(std::size_t sound) {
    const std::int64_t own = bank_.frames(sound);
    const std::int64_t fade = std::min(frames(kLoopFade_s), own / 4);
    return {.sound = sound,
            .frames = frames_,
            .period = std::max<std::int64_t>(1, own - fade),
            .fade = fade,
            .gain = from_db(random_.uniform(-18, -12))};
  }

  const SoundBank& bank_;
  std::int64_t frames_;
  double rate_;
  Random random_;
};

}  // namespace

std::string Composer::id(Split split, std::int64_t index) {
  std::string digits = std::to_string(index);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return std::string(to_string(split)) + "-" + digits;
}

Random Composer::draws(Split split, std::int64_t index, std::string_view draw) const {
  return {seed_, hash_name(to_string(split), static_cast<std::uint64_t>(index)), draw};
}

Arrangement Composer::arrange(Split split, std::int64_t index) const {
  std::vector<std::size_t> sounds = combinations_.recordings(split, static_cast<std::uint64_t>(index));
  Random random = draws(split, index, "arrangement");
  shuffle(sounds, random);

  Arrangement arrangement;
  const bool wanted = random.uniform() < kBackgroundShare;
  const auto sustained =
      std::find_if(sounds.begin(), sounds.end(), [&](std::size_t i) { return bank_->sound(i).sustained; });
  if (sounds.size() > 1 && sustained != sounds.end() && wanted) {
    arrangement.background = *sustained;
    sounds.erase(sustained);
  }
  // Half of the scenes tell their sounds one by one; in the others two of them are heard at once.
  const bool at_once = !arrangement.background && random.below(2) == 1;
  const std::size_t together =
      at_once && sounds.size() > 1 ? static_cast<std::size_t>(random.below(std::ssize(sounds) - 1)) : sounds.size();
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    if (i == together + 1)
      arrangement.steps.back().push_back(sounds[i]);
    else
      arrangement.steps.push_back({sounds[i]});
  }
  return arrangement;
}

Scene Composer::scene(Split split, std::int64_t index) const {
  Scene scene{.id = id(split, index), .arrangement = arrange(split, index), .frames = frames_};
  Layout layout(*bank_, frames_, draws(split, index, "layout"));
  scene.parts = layout.parts(scene.arrangement);
  Random noise = draws(split, index, "noise");
  scene.noise_gain = from_db(noise.uniform(-75, -55));
  scene.noise_key = noise.bits32();
  return scene;
}

std::string Composer::caption(Split split, std::int64_t index, std::int64_t number) const {
  Random random = draws(split, index, "caption " + std::to_string(number));
  const auto clause = [&](std::size_t i) {
    const std::vector<std::string>& captions = bank_->sound(i).captions;
    return captions[static_cast<std::size_t>(random.below(std::ssize(captions)))];
  };
  return compose_caption(arrange(split, index), clause, draws(split, index, "wording " + std::to_string(number)));
}

}  // namespace earshot::scenes
