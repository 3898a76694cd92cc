// SceneContent: a scene as sound, computed when it is asked for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/recording.h"
#include "scene.h"

namespace earshot::scenes {

// Immutable; any thread. Every sample is a sum in a fixed order of what is heard at its frame, so that a range has the
// bits of the whole.
class SceneContent final : public AudioContent {
 public:
  SceneContent(std::shared_ptr<const SoundBank> bank, Scene scene);

  [[nodiscard]] const AudioHeader& header() const noexcept override { return header_; }
  [[nodiscard]] std::string name() const override { return scene_.id; }
  // Errors: as AudioContent, and those of decoding the recordings.
  [[nodiscard]] Result<std::vector<float>> render(FrameRange range, Downmix downmix) const override;

 private:
  std::shared_ptr<const SoundBank> bank_;
  Scene scene_;
  AudioHeader header_;
};

// The hash of everything that a scene is computed from, the recordings' bytes included. Errors: those of reading them.
Result<std::string> content_id(const SoundBank& bank, const Scene& scene);

}  // namespace earshot::scenes
