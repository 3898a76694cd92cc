// sentences: the sentences that the graph itself says, one record each.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/content_id.h"
#include "earshot/contract/plugin.h"
#include "earshot/text/text.h"

namespace {
using namespace earshot;

struct Options {
  std::vector<std::string> lines;
};

class SentenceView final : public View {
 public:
  explicit SentenceView(std::shared_ptr<const std::vector<std::string>> lines) : lines_(std::move(lines)) {}

  [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(lines_->size()); }
  [[nodiscard]] RecordHeader header(std::int64_t index) const override {
    const std::string id = std::to_string(index + 1);
    return {.id = id, .related = id, .dataset = "sentences", .clip = id};
  }
  [[nodiscard]] Result<Outputs> record(std::int64_t index) const override { return Outputs{Text(line(index))}; }
  [[nodiscard]] Result<std::string> content_id(std::int64_t index, std::size_t /*port*/) const override {
    return earshot::content_id(line(index));
  }

 private:
  [[nodiscard]] const std::string& line(std::int64_t index) const { return (*lines_)[static_cast<std::size_t>(index)]; }

  std::shared_ptr<const std::vector<std::string>> lines_;
};

class Sentences final : public Source {
 public:
  static auto contract() {
    return Contract<Options>("sentences", /*algorithm=*/1, "gives the sentences that are written in the graph")
        .option(&Options::lines, "lines", "the sentences, in order; their ids are 1, 2, 3, ...")
        .view("captions")
        .output<Text>("caption")
        .deterministic();
  }
  Sentences(Options options, const Setup&)
      : lines_(std::make_shared<const std::vector<std::string>>(std::move(options.lines))) {}

  [[nodiscard]] Result<std::unique_ptr<View>> open(std::string_view /*view*/, std::string_view split) const override {
    if (!split.empty())
      return Error{ErrorCode::kInvalidArgument,
                   "sentences has no splits, so none is called \"" + std::string(split) + "\"; leave the split out"};
    return std::unique_ptr<View>(new SentenceView(lines_));
  }

 private:
  std::shared_ptr<const std::vector<std::string>> lines_;
};

}  // namespace

EARSHOT_PLUGIN(Sentences)
