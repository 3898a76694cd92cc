#include "caption.h"

#include <array>
#include <span>
#include <string_view>

namespace earshot::scenes {
namespace {

using namespace std::string_view_literals;

// In each wording {1}, {2}, {3} stand for what is joined.
constexpr std::array kOne = {"{1}"sv};
constexpr std::array kAtOnce = {"{1} while {2}"sv, "{1} as {2}"sv, "{1} and at the same time {2}"sv};
constexpr std::array kTwoSteps = {"{1}, then {2}"sv, "{1}, and then {2}"sv, "{1}, and afterwards {2}"sv,
                                  "first {1}, then {2}"sv};
constexpr std::array kThreeSteps = {"{1}, then {2}, then {3}"sv, "{1}, then {2}, and finally {3}"sv,
                                    "first {1}, then {2}, and at last {3}"sv};
constexpr std::array kBehind = {"{1}, and in the background {2}"sv, "{1}, while {2} in the background"sv,
                                "in the background {2}, and {1}"sv};

std::string fill(std::span<const std::string_view> wordings, std::span<const std::string> parts, Random& random) {
  const std::string_view wording = wordings[static_cast<std::size_t>(random.below(std::ssize(wordings)))];
  std::string sentence;
  for (std::size_t i = 0; i < wording.size(); ++i) {
    if (wording[i] == '{') {
      sentence += parts[static_cast<std::size_t>(wording[i + 1] - '1')];
      i += 2;
    } else {
      sentence += wording[i];
    }
  }
  return sentence;
}

std::span<const std::string_view> wordings_for(std::size_t steps) {
  switch (steps) {
    case 1:
      return kOne;
    case 2:
      return kTwoSteps;
    default:
      return kThreeSteps;
  }
}

}  // namespace

std::string compose_caption(const Arrangement& arrangement, const std::function<std::string(std::size_t)>& clause,
                            Random random) {
  std::vector<std::string> steps;
  for (const std::vector<std::size_t>& step : arrangement.steps) {
    std::vector<std::string> sounds;
    for (const std::size_t sound : step) sounds.push_back(clause(sound));
    if (sounds.size() == 2 && random.below(2) == 1) std::swap(sounds[0], sounds[1]);
    steps.push_back(sounds.size() == 2 ? fill(kAtOnce, sounds, random) : sounds[0]);
  }
  std::string sentence = fill(wordings_for(steps.size()), steps, random);
  if (!arrangement.background) return sentence;
  return fill(kBehind, std::array{sentence, clause(*arrangement.background)}, random);
}

}  // namespace earshot::scenes
