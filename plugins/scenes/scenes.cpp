// scenes: composes clips of one to three recordings, and the sentence that says what is heard. README.md has a stanza.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"
#include "palette.h"
#include "scene.h"
#include "scene_content.h"

namespace earshot::scenes {
namespace {

constexpr std::array kSplits = {Split::kTrain, Split::kValidation, Split::kTest};
constexpr std::size_t kFewestRecordings = 12;

struct Options {
  std::string palette = "auto";
  std::optional<std::filesystem::path> file;
  double length_s = 10;
  std::int64_t sample_rate_hz = 16'000;
  std::int64_t train = 2000;
  std::int64_t validation = 200;
  std::int64_t test = 300;
  std::vector<std::int64_t> counts = {1, 2, 2, 3};
  std::int64_t captions = 1;
  std::string split_by = "mixture";
  std::int64_t seed = 1;
};

// The sounds that a stage uses, and what a report says of them.
struct Chosen {
  std::vector<Sound> sounds;
  std::string note;
};

Result<Chosen> from_package() {
  Result<std::vector<Sound>> sounds = package_palette();
  if (!sounds.ok()) return std::move(sounds).error();
  const std::size_t all = sounds->size();
  std::error_code ignored;
  std::erase_if(*sounds, [&](const Sound& sound) { return !std::filesystem::exists(sound.file, ignored); });
  const std::size_t here = sounds->size();
  if (here < kFewestRecordings)
    return Error{ErrorCode::kNotFound, "palette: " + std::to_string(here) + " of " + std::to_string(all) +
                                           " recordings of tuxpaint-stamps-default are installed; install the package, "
                                           "or say palette = \"synthetic\""};
  return Chosen{*std::move(sounds), "palette: " + std::to_string(here) +
                                        " recordings of Debian's tuxpaint-stamps-default" +
                                        (here < all ? ", " + std::to_string(all - here) + " more are absent" : "")};
}

Chosen from_formulas() {
  std::vector<Sound> sounds = synthetic_palette();
  std::string note = "palette: " + std::to_string(sounds.size()) + " sounds by formula, no recordings";
  return {std::move(sounds), std::move(note)};
}

Result<Chosen> from_file(const std::optional<std::filesystem::path>& path) {
  if (!path) return Error{ErrorCode::kInvalidArgument, R"(palette = "file" needs file = "PATH")"};
  std::ifstream file(*path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, "file: " + path->string() + " cannot be read"};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Result<std::vector<Sound>> sounds = parse_palette(text, path->parent_path());
  if (!sounds.ok()) return std::move(sounds).error();
  return Chosen{*std::move(sounds), "palette: " + path->string()};
}

Result<Chosen> choose(const Options& options) {
  if (options.palette == "file") return from_file(options.file);
  if (options.palette == "synthetic") return from_formulas();
  Result<Chosen> package = from_package();
  return options.palette == "auto" && !package.ok() ? from_formulas() : std::move(package);
}

enum class Ports : std::uint8_t { kPairs, kRecordings, kCaptions };

// Scenes of some splits one after another, each once or once a caption.
class SceneView final : public View {
 public:
  struct Stretch {
    Split split;
    std::int64_t scenes;
  };
  SceneView(std::shared_ptr<const Composer> composer, std::vector<Stretch> stretches, Ports ports,
            std::int64_t captions)
      : composer_(std::move(composer)),
        stretches_(std::move(stretches)),
        ports_(ports),
        captions_(ports == Ports::kRecordings ? 1 : captions) {}

  [[nodiscard]] std::int64_t size() const override {
    std::int64_t scenes = 0;
    for (const Stretch& stretch : stretches_) scenes += stretch.scenes;
    return scenes * captions_;
  }

  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    const Place place = at(index);
    const std::string scene = Composer::id(place.split, place.scene);
    const std::string id = captions_ == 1 ? scene : scene + ":" + std::to_string(place.caption + 1);
    return {.id = id, .related = scene, .dataset = "scenes", .clip = scene};
  }

  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override {
    const Place place = at(index);
    Outputs outputs;
    if (ports_ != Ports::kCaptions)
      outputs.add(
          Recording(std::make_shared<SceneContent>(composer_->bank(), composer_->scene(place.split, place.scene))));
    if (ports_ != Ports::kRecordings) outputs.add(Text(composer_->caption(place.split, place.scene, place.caption)));
    return outputs;
  }

  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t port) const override {
    const Place place = at(index);
    if (ports_ == Ports::kCaptions || port == 1)
      return earshot::content_id(composer_->caption(place.split, place.scene, place.caption));
    return scenes::content_id(*composer_->bank(), composer_->scene(place.split, place.scene));
  }

 private:
  struct Place {
    Split split;
    std::int64_t scene;
    std::int64_t caption;
  };
  [[nodiscard]] Place at(std::int64_t index) const {
    std::int64_t scene = index / captions_;
    auto stretch = stretches_.begin();
    for (; scene >= stretch->scenes; ++stretch) scene -= stretch->scenes;
    return {stretch->split, scene, index % captions_};
  }

  std::shared_ptr<const Composer> composer_;
  std::vector<Stretch> stretches_;
  Ports ports_;
  std::int64_t captions_;
};

class Scenes final : public Source {
 public:
  static auto contract() {
    return Contract<Options>("scenes", /*algorithm=*/1,
                             "composes scenes of one to three recordings with their captions")
        .option(&Options::palette, "palette", choices({"auto", "package", "synthetic", "file"}),
                "where the sounds are from: Debian's tuxpaint-stamps-default, formulas, or `file`; "
                "auto takes the package where it is installed, else formulas")
        .option(&Options::file, "file", "a palette of your own, in the form of data/scenes/palette.json")
        .option(&Options::length_s, "length_s", unit("s"), range(1, 60), "length of a scene")
        .option(&Options::sample_rate_hz, "sample_rate_hz", unit("Hz"), range(16'000, 48'000),
                "rate at which scenes are composed")
        .option(&Options::train, "train", range(0, 1e9), "scenes of the training split")
        .option(&Options::validation, "validation", range(0, 1e9), "scenes of the validation split")
        .option(&Options::test, "test", range(0, 1e9), "scenes of the test split")
        .option(&Options::counts, "counts", range(1, 3), "how many recordings scenes have, in turn")
        .option(&Options::captions, "captions", range(1, 100), "wordings of each scene's caption")
        .option(&Options::split_by, "split_by", choices({"mixture", "recording"}),
                "what held-out scenes have for themselves: mixtures of known recordings, or recordings")
        .option(&Options::seed, "seed", at_least(0), "seed of the scenes; the run's seed does not change them")
        .view("pairs")
        .output<Recording>("audio")
        .output<Text>("caption")
        .view("recordings")
        .output<Recording>("audio")
        .view("captions")
        .output<Text>("caption")
        .numeric();
  }

  static Result<std::unique_ptr<Scenes>> create(const Options& options, const Setup& /*setup*/) {
    Result<Chosen> chosen = choose(options);
    if (!chosen.ok()) return std::move(chosen).error();
    const auto seed = static_cast<std::uint64_t>(options.seed);
    auto combinations =
        Combinations::create(chosen->sounds.size(), options.counts,
                             options.split_by == "mixture" ? SplitBy::kMixture : SplitBy::kRecording, seed);
    if (!combinations.ok()) return std::move(combinations).error();
    auto bank = SoundBank::open(std::move(chosen->sounds), options.sample_rate_hz, options.length_s);
    if (!bank.ok()) return std::move(bank).error();
    const std::int64_t frames = std::llround(options.length_s * static_cast<double>(options.sample_rate_hz));
    auto composer = std::make_shared<Composer>(*std::move(bank), *std::move(combinations), frames, seed);
    return std::unique_ptr<Scenes>(new Scenes(options, std::move(composer), std::move(chosen->note)));
  }

  [[nodiscard]] Result<std::unique_ptr<View>> open(std::string_view view, std::string_view split) const override {
    std::vector<SceneView::Stretch> stretches;
    for (const Split each : kSplits)
      if (split.empty() || split == to_string(each)) stretches.push_back({each, scenes(each)});
    if (stretches.empty())
      return Error{ErrorCode::kInvalidArgument,
                   "scenes has no split \"" + std::string(split) + "\"; it has train, validation and test"};
    const Ports ports = view == "pairs" ? Ports::kPairs : view == "recordings" ? Ports::kRecordings : Ports::kCaptions;
    return std::unique_ptr<View>(new SceneView(composer_, std::move(stretches), ports, options_.captions));
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {options_.split_by == "mixture" ? "held-out scenes: recordings known, mixtures new"
                                           : "held-out scenes: recordings new",
            palette_note_};
  }

 private:
  Scenes(Options options, std::shared_ptr<const Composer> composer, std::string palette_note)
      : options_(std::move(options)), composer_(std::move(composer)), palette_note_(std::move(palette_note)) {}

  [[nodiscard]] std::int64_t scenes(Split split) const {
    switch (split) {
      case Split::kTrain:
        return options_.train;
      case Split::kValidation:
        return options_.validation;
      case Split::kTest:
        return options_.test;
    }
    return 0;
  }

  Options options_;
  std::shared_ptr<const Composer> composer_;
  std::string palette_note_;
};

}  // namespace
}  // namespace earshot::scenes

EARSHOT_PLUGIN(earshot::scenes::Scenes)
