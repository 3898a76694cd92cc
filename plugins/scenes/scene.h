// Scene: which sounds are heard when, how loud, and the sentence that says so. A pure function of (palette, seed,
// split, index): every draw is counter-based, so that scene 17 is the same whichever scenes were made before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "combination.h"
#include "earshot/contract/random.h"
#include "sound_bank.h"

namespace earshot::scenes {

// The order of a scene's sounds: steps one after another, sounds of one step at once, and one sound behind all.
struct Arrangement {
  std::vector<std::vector<std::size_t>> steps;
  std::optional<std::size_t> background;
};

// One sound in a scene. It begins anew every `period` frames until `frames` are over.
struct Part {
  std::size_t sound = 0;
  std::int64_t start = 0;   // frame of the scene
  std::int64_t frames = 0;  // how long it is heard
  std::int64_t period = 0;  // shorter than the sound: its ends overlap and cross-fade
  std::int64_t fade = 0;    // at both ends of every repetition, and of the part
  float gain = 1;
};

struct Scene {
  std::string id;  // "test-000017"
  Arrangement arrangement;
  std::vector<Part> parts;  // steps in time order, then the background
  std::int64_t frames = 0;
  std::uint32_t noise_key = 0;
  float noise_gain = 0;  // a floor of white noise, so that no scene has digital silence
};

class Composer {
 public:
  // Shares the bank; immutable, any thread.
  Composer(std::shared_ptr<const SoundBank> bank, Combinations combinations, std::int64_t frames, std::uint64_t seed)
      : bank_(std::move(bank)), combinations_(std::move(combinations)), frames_(frames), seed_(seed) {}

  [[nodiscard]] const std::shared_ptr<const SoundBank>& bank() const noexcept { return bank_; }
  [[nodiscard]] static std::string id(Split split, std::int64_t index);
  [[nodiscard]] Scene scene(Split split, std::int64_t index) const;
  // The `number`-th wording of the scene's sentence.
  [[nodiscard]] std::string caption(Split split, std::int64_t index, std::int64_t number) const;

 private:
  [[nodiscard]] Arrangement arrange(Split split, std::int64_t index) const;
  [[nodiscard]] Random draws(Split split, std::int64_t index, std::string_view draw) const;

  std::shared_ptr<const SoundBank> bank_;
  Combinations combinations_;
  std::int64_t frames_;
  std::uint64_t seed_;
};

}  // namespace earshot::scenes
