// folder: recordings of a folder, with captions beside them, in a CSV, or without any. README.md has a stanza.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "captions.h"
#include "earshot/audio/audio_file.h"
#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/contract/random.h"
#include "earshot/contract/record_id.h"
#include "earshot/text/text.h"
#include "scan.h"

namespace earshot::folder {
namespace {

struct Options {
  std::filesystem::path path;
  std::optional<std::filesystem::path> captions;
  std::string dataset = "folder";
  std::string split_by = "none";
  double validation_share = 0.1;
  double test_share = 0.1;
};

struct Corpus {
  Scan scan;
  Captions captions;
  std::string dataset;
  const ContentIds* contents = nullptr;  // not owned
};

enum class Ports : std::uint8_t { kPairs, kRecordings, kCaptions };

// Some rows of a corpus: recordings, or captions with theirs.
class FolderView final : public View {
 public:
  FolderView(std::shared_ptr<const Corpus> corpus, Ports ports, std::vector<std::uint32_t> rows)
      : corpus_(std::move(corpus)), ports_(ports), rows_(std::move(rows)) {}

  [[nodiscard]] std::int64_t size() const override { return std::ssize(rows_); }

  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    const std::string name = record_id(recording(index));
    std::string id = name;
    if (ports_ != Ports::kRecordings) {
      const std::vector<std::uint32_t>& owners = corpus_->captions.recording;
      const auto [first, last] = std::equal_range(owners.begin(), owners.end(), owners[row(index)]);
      if (last - first > 1)
        id += ":" + std::to_string(static_cast<std::ptrdiff_t>(row(index)) - (first - owners.begin()) + 1);
    }
    return {.id = std::move(id), .related = name, .dataset = corpus_->dataset, .clip = name};
  }

  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override {
    Outputs outputs;
    if (ports_ != Ports::kCaptions) {
      Result<Recording> sound = audio::open_recording(path(index));
      if (!sound.ok()) return std::move(sound).error();
      outputs.add(*std::move(sound));
    }
    if (ports_ != Ports::kRecordings) outputs.add(Text(std::string(corpus_->captions.texts[row(index)])));
    return outputs;
  }

  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t port) const override {
    if (ports_ == Ports::kCaptions || port == 1) return earshot::content_id(corpus_->captions.texts[row(index)]);
    return content_id_of_file(corpus_->contents, corpus_->scan.root, recording(index));
  }

 private:
  [[nodiscard]] std::size_t row(std::int64_t index) const { return rows_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] std::string_view recording(std::int64_t index) const {
    return corpus_->scan.sounds[ports_ == Ports::kRecordings ? row(index) : corpus_->captions.recording[row(index)]];
  }
  [[nodiscard]] std::filesystem::path path(std::int64_t index) const { return corpus_->scan.root / recording(index); }

  std::shared_ptr<const Corpus> corpus_;
  Ports ports_;
  std::vector<std::uint32_t> rows_;
};

class Folder final : public Source {
 public:
  static auto contract() {
    return Contract<Options>("folder", /*algorithm=*/1, "recordings of a folder, with captions or without")
        .option(&Options::path, "path", required(), "the folder; all folders in it belong to it")
        .option(&Options::captions, "captions",
                "a CSV with file_name and caption or caption_1, caption_2...; only what it names takes part; "
                "auto: NAME.txt beside NAME.wav, a caption a line")
        .option(&Options::dataset, "dataset", "what batches and reports call it")
        .option(&Options::split_by, "split_by", choices({"none", "folder", "hash"}),
                "what makes a split: nothing, the first folder of a path, or a hash of the path")
        .option(&Options::validation_share, "validation_share", range(0, 1),
                "of the recordings, with split_by = \"hash\"")
        .option(&Options::test_share, "test_share", range(0, 1), "of the recordings, with split_by = \"hash\"")
        .view("pairs")
        .output<Recording>("audio")
        .output<Text>("caption")
        .view("recordings")
        .output<Recording>("audio")
        .view("captions")
        .output<Text>("caption")
        .deterministic();
  }

  static Result<std::unique_ptr<Folder>> create(const Options& options, const Setup& setup) {
    Result<Scan> found = scan(options.path);
    if (!found.ok()) return std::move(found).error();
    if (found->sounds.size() == 0)
      return Error{ErrorCode::kNotFound,
                   options.path.string() + ": holds no sound file (wav, flac, ogg, opus, mp3, aiff, au, caf)"};
    auto corpus = std::make_shared<Corpus>();
    corpus->scan = *std::move(found);
    corpus->dataset = options.dataset;
    corpus->contents = setup.contents;
    if (options.captions) {
      Result<Captions> read = captions_from_csv(*options.captions, corpus->scan);
      if (!read.ok()) return std::move(read).error();
      corpus->captions = *std::move(read);
    } else if (corpus->scan.texts.size() > 0) {
      corpus->captions = captions_beside(corpus->scan);
    }
    return std::unique_ptr<Folder>(new Folder(options, std::move(corpus)));
  }

  [[nodiscard]] Result<std::unique_ptr<View>> open(std::string_view view, std::string_view split) const override {
    if (const Status known = check_split(split); !known.ok()) return known.error();
    const Ports ports = view == "pairs" ? Ports::kPairs : view == "recordings" ? Ports::kRecordings : Ports::kCaptions;
    const std::vector<std::uint32_t>& owners = corpus_->captions.recording;
    if (ports != Ports::kRecordings && owners.empty())
      return Error{
          ErrorCode::kNotFound,
          corpus_->scan.root.string() + ": no captions; put NAME.txt beside NAME.wav, or name a CSV in `captions`"};
    std::vector<std::uint32_t> rows;
    if (ports == Ports::kRecordings) {
      for (std::uint32_t i = 0; i < corpus_->scan.sounds.size(); ++i)
        if (takes_part(i) && in_split(i, split)) rows.push_back(i);
    } else {
      for (std::uint32_t i = 0; i < owners.size(); ++i)
        if (in_split(owners[i], split)) rows.push_back(i);
    }
    return std::unique_ptr<View>(new FolderView(corpus_, ports, std::move(rows)));
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    std::vector<std::string> notes = corpus_->scan.problems.sentences();
    for (std::string& note : corpus_->captions.problems.sentences()) notes.push_back(std::move(note));
    for (std::string& note : notes) note.insert(0, "left out: ");
    return notes;
  }

 private:
  Folder(Options options, std::shared_ptr<const Corpus> corpus)
      : options_(std::move(options)), corpus_(std::move(corpus)) {}

  [[nodiscard]] bool takes_part(std::uint32_t recording) const {
    const std::vector<std::uint32_t>& owners = corpus_->captions.recording;
    return !options_.captions || std::binary_search(owners.begin(), owners.end(), recording);
  }

  [[nodiscard]] Status check_split(std::string_view split) const {
    if (split.empty()) return {};
    std::set<std::string, std::less<>> known;
    if (options_.split_by == "hash") known = {"train", "validation", "test"};
    if (options_.split_by == "folder")
      for (std::size_t i = 0; i < corpus_->scan.sounds.size(); ++i)
        known.emplace(first_folder(corpus_->scan.sounds[i]));
    if (known.contains(split)) return {};
    std::string there;
    for (const std::string& name : known)
      if (!name.empty()) there += (there.empty() ? "" : ", ") + name;
    return Error{ErrorCode::kInvalidArgument,
                 options_.dataset + " has no split \"" + std::string(split) + "\"; " +
                     (there.empty() ? R"(say split_by = "hash" or "folder", or leave the flow's split out)"
                                    : "there are: " + there)};
  }

  static std::string_view first_folder(std::string_view name) {
    const std::size_t slash = name.find('/');
    return slash == std::string_view::npos ? "" : name.substr(0, slash);
  }

  [[nodiscard]] bool in_split(std::uint32_t recording, std::string_view split) const {
    if (split.empty()) return true;
    const std::string_view name = corpus_->scan.sounds[recording];
    if (options_.split_by == "folder") return first_folder(name) == split;
    const double place = static_cast<double>(hash_name(name) >> 11) * 0x1p-53;  // uniform in [0, 1)
    const double held_out = options_.test_share + options_.validation_share;
    return split == (place < options_.test_share ? "test" : place < held_out ? "validation" : "train");
  }

  Options options_;
  std::shared_ptr<const Corpus> corpus_;
};

}  // namespace
}  // namespace earshot::folder

EARSHOT_PLUGIN(earshot::folder::Folder)
