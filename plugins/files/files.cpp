// files: the sound files that the graph itself names, one record each.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/audio/audio_file.h"
#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/contract/record_id.h"

namespace {
using namespace earshot;

struct Options {
  std::vector<std::filesystem::path> paths;
};

struct NamedFile {
  std::filesystem::path path;
  std::string id;
};

std::vector<NamedFile> named(const std::vector<std::filesystem::path>& paths) {
  std::map<std::string, int> times;
  std::vector<NamedFile> files;
  for (const std::filesystem::path& path : paths) {
    std::string id = record_id(path.string());
    if (const int time = ++times[id]; time > 1) id += ":" + std::to_string(time);
    files.push_back({path, std::move(id)});
  }
  return files;
}

class FileView final : public View {
 public:
  FileView(std::shared_ptr<const std::vector<NamedFile>> files, const ContentIds* contents)
      : files_(std::move(files)), contents_(contents) {}

  [[nodiscard]] std::int64_t size() const override { return std::ssize(*files_); }
  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    return {.id = file(index).id,
            .related = std::to_string(index + 1),
            .dataset = "files",
            .clip = record_id(file(index).path.string())};
  }
  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override {
    Result<Recording> sound = audio::open_recording(file(index).path);
    if (!sound.ok()) return std::move(sound).error();
    return Outputs{*std::move(sound)};
  }
  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t /*port*/) const override {
    const std::filesystem::path whole = std::filesystem::absolute(file(index).path);
    return content_id_of_file(contents_, whole.parent_path(), whole.filename());
  }

 private:
  [[nodiscard]] const NamedFile& file(std::int64_t index) const { return (*files_)[static_cast<std::size_t>(index)]; }

  std::shared_ptr<const std::vector<NamedFile>> files_;
  const ContentIds* contents_;  // not owned
};

class Files final : public Source {
 public:
  static auto contract() {
    return Contract<Options>("files", /*algorithm=*/1, "gives the sound files that are named in the graph")
        .option(&Options::paths, "paths", "the files, in order; one that is named twice comes twice")
        .view("recordings")
        .output<Recording>("audio")
        .deterministic();
  }
  Files(const Options& options, const Setup& setup)
      : files_(std::make_shared<const std::vector<NamedFile>>(named(options.paths))), contents_(setup.contents) {}

  [[nodiscard]] Result<std::unique_ptr<View>> open(std::string_view /*view*/, std::string_view split) const override {
    if (!split.empty())
      return Error{ErrorCode::kInvalidArgument,
                   "files has no splits, so none is called \"" + std::string(split) + "\"; leave the split out"};
    return std::unique_ptr<View>(new FileView(files_, contents_));
  }

 private:
  std::shared_ptr<const std::vector<NamedFile>> files_;
  const ContentIds* contents_;  // not owned
};

}  // namespace

EARSHOT_PLUGIN(Files)
