// esc: ESC-50 and its kin, in folds, with a sentence for each class. README.md has a stanza.
#include "esc.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/audio_file.h"
#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/contract/record_id.h"
#include "earshot/text/text.h"

namespace earshot::esc {
namespace {

struct Options {
  std::filesystem::path path;
  std::int64_t fold = 1;
  bool validation = false;
};

struct Corpus {
  std::filesystem::path root;
  std::vector<Clip> clips;
  std::vector<std::string> classes;      // ascending
  const ContentIds* contents = nullptr;  // not owned
};

// Clips, with the sentence of their class or without.
class ClipView final : public View {
 public:
  ClipView(std::shared_ptr<const Corpus> corpus, std::vector<std::size_t> rows, bool captions)
      : corpus_(std::move(corpus)), rows_(std::move(rows)), captions_(captions) {}

  [[nodiscard]] std::int64_t size() const override { return std::ssize(rows_); }
  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    const Clip& clip = at(index);
    const std::string id = record_id(clip.file);
    return {.id = id, .related = clip.category, .dataset = "esc", .clip = id};
  }
  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override {
    Result<Recording> sound = audio::open_recording(corpus_->root / at(index).file);
    if (!sound.ok()) return std::move(sound).error();
    Outputs outputs(*std::move(sound));
    if (captions_) outputs.add(Text(sentence_of(at(index).category)));
    return outputs;
  }
  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t port) const override {
    return port == 1 ? Result<std::string>(earshot::content_id(sentence_of(at(index).category)))
                     : content_id_of_file(corpus_->contents, corpus_->root, at(index).file);
  }

 private:
  [[nodiscard]] const Clip& at(std::int64_t index) const {
    return corpus_->clips[rows_[static_cast<std::size_t>(index)]];
  }

  std::shared_ptr<const Corpus> corpus_;
  std::vector<std::size_t> rows_;
  bool captions_;
};

// The sentences of all classes, whatever the split: what a clip is classified by.
class ClassView final : public View {
 public:
  explicit ClassView(std::shared_ptr<const Corpus> corpus) : corpus_(std::move(corpus)) {}

  [[nodiscard]] std::int64_t size() const override { return std::ssize(corpus_->classes); }
  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    return {.id = record_id(at(index)), .related = at(index), .dataset = "esc", .clip = at(index)};
  }
  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override {
    return Outputs(Text(sentence_of(at(index))));
  }
  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t /*port*/) const override {
    return earshot::content_id(sentence_of(at(index)));
  }

 private:
  [[nodiscard]] const std::string& at(std::int64_t index) const {
    return corpus_->classes[static_cast<std::size_t>(index)];
  }

  std::shared_ptr<const Corpus> corpus_;
};

class Esc final : public Source {
 public:
  static auto contract() {
    return Contract<Options>("esc", /*algorithm=*/1, "clips of ESC-50 and its kin, in folds, with a sentence a class")
        .option(&Options::path, "path", required(),
                "the data set: audio/ with meta/esc50.csv, or a folder a class with the fold in front of file names")
        .option(&Options::fold, "fold", at_least(1), "the fold that is held out as split test")
        .option(&Options::validation, "validation", "the fold after the held-out one is split validation, not train")
        .view("pairs")
        .output<Recording>("audio")
        .output<Text>("caption")
        .view("recordings")
        .output<Recording>("audio")
        .view("captions")
        .output<Text>("caption")
        .deterministic();
  }

  static Result<std::unique_ptr<Esc>> create(const Options& options, const Setup& setup) {
    Result<std::vector<Clip>> clips = read_clips(options.path);
    if (!clips.ok()) return std::move(clips).error();
    std::set<std::int64_t> folds;
    std::set<std::string> classes;
    for (const Clip& clip : *clips) {
      folds.insert(clip.fold);
      classes.insert(clip.category);
    }
    if (!folds.contains(options.fold)) {
      std::string there;
      for (const std::int64_t fold : folds) there += (there.empty() ? "" : ", ") + std::to_string(fold);
      return Error{ErrorCode::kInvalidArgument,
                   "fold: there is no fold " + std::to_string(options.fold) + "; there are " + there};
    }
    const auto next = folds.upper_bound(options.fold);
    const std::int64_t validation = !options.validation ? 0 : next != folds.end() ? *next : *folds.begin();
    if (validation == options.fold)
      return Error{ErrorCode::kInvalidArgument, "validation: the only fold is held out already"};
    auto corpus = std::make_shared<const Corpus>(
        Corpus{options.path, *std::move(clips), {classes.begin(), classes.end()}, setup.contents});
    return std::unique_ptr<Esc>(new Esc(std::move(corpus), options.fold, validation));
  }

  [[nodiscard]] Result<std::unique_ptr<View>> open(std::string_view view, std::string_view split) const override {
    const bool known =
        split.empty() || split == "train" || split == "test" || (split == "validation" && validation_ > 0);
    if (!known)
      return Error{ErrorCode::kInvalidArgument, "esc has no split \"" + std::string(split) +
                                                    "\"; it has train and test, and with validation = true "
                                                    "also validation"};
    if (view == "captions") return std::unique_ptr<View>(new ClassView(corpus_));
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < corpus_->clips.size(); ++i)
      if (split.empty() || split == split_of(corpus_->clips[i].fold)) rows.push_back(i);
    return std::unique_ptr<View>(new ClipView(corpus_, std::move(rows), view == "pairs"));
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {"held out: fold " + std::to_string(fold_) + "; clips of one original recording share a fold"};
  }

 private:
  Esc(std::shared_ptr<const Corpus> corpus, std::int64_t fold, std::int64_t validation)
      : corpus_(std::move(corpus)), fold_(fold), validation_(validation) {}

  [[nodiscard]] std::string_view split_of(std::int64_t fold) const {
    return fold == fold_ ? "test" : fold == validation_ ? "validation" : "train";
  }

  std::shared_ptr<const Corpus> corpus_;
  std::int64_t fold_;
  std::int64_t validation_;  // 0 where there is none
};

}  // namespace
}  // namespace earshot::esc

EARSHOT_PLUGIN(earshot::esc::Esc)
