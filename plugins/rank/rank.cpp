// rank: every text's ranking of all recordings, or every recording's nearest class sentence, and the figures of both.
//
// State: rows of unit length as they arrived, a set a port; finish() empties them.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"
#include "earshot/retrieval/evaluation.h"
#include "earshot/text/csv_writer.h"
#include "earshot/text/text.h"

namespace {
using namespace earshot;
using retrieval::RankedQuery;

constexpr std::size_t kListed = 10;  // files a row of ranking.csv has

struct Options {
  std::string metric = "retrieval";
  std::int64_t map_at = 10;
  std::int64_t resamples = 1000;
};

Artefact artefact(std::string name, const std::string& text) {
  Artefact file{std::move(name), std::vector<std::byte>(text.size())};
  std::memcpy(file.bytes.data(), text.data(), text.size());
  return file;
}

Metric metric_of(const retrieval::Figure& figure) {
  return {figure.name, figure.interval.mean, figure.interval.low, figure.interval.high, figure.chance};
}

class Rank final : public Collect {
 public:
  static auto contract() {
    return Contract<Options>("rank", /*algorithm=*/1,
                             "ranks recordings by their likeness to sentences, and says how well")
        .option(&Options::metric, "metric", choices({"retrieval", "classification"}),
                "retrieval: texts look for recordings; classification: a recording's class is that of the nearest text")
        .option(&Options::map_at, "map_at", range(1, 1000), "depth k of mAP@k")
        .option(&Options::resamples, "resamples", range(1, 100000), "of the bootstrap behind the intervals")
        .input<Embedding>("audio")
        .input<Embedding>("text", same_fact_as("dim", "audio"))
        .input<Text>("caption", optional_input())
        .metric("map@{map_at}", "metric", "retrieval")
        .metric("recall@1", "metric", "retrieval")
        .metric("recall@5", "metric", "retrieval")
        .metric("recall@10", "metric", "retrieval")
        .metric("accuracy", "metric", "classification")
        .deterministic();
  }
  Rank(const Options& options, const Setup&) : options_(options) {}

  Status add(std::string_view port, Row row) override {
    if (port == "caption") {
      captions_[row.id] = static_cast<const Text&>(*row.payload).utf8();
      return {};
    }
    const auto& embedding = static_cast<const Embedding&>(*row.payload);
    return (port == "audio" ? audio_ : text_).add(std::move(row.id), std::move(row.related), embedding.values());
  }

  Result<Report> finish(Context& context) override {
    const retrieval::UnitRows audio = std::exchange(audio_, {});
    const retrieval::UnitRows text = std::exchange(text_, {});
    const std::map<std::string, std::string> captions = std::exchange(captions_, {});
    const retrieval::BootstrapSettings bootstrap{.resamples = options_.resamples, .seed = context.seed};
    return options_.metric == "retrieval" ? retrieve(audio, text, captions, bootstrap)
                                          : classify(audio, text, captions, bootstrap);
  }

 private:
  using Captions = std::map<std::string, std::string>;

  Result<Report> retrieve(const retrieval::UnitRows& audio, const retrieval::UnitRows& text, const Captions& captions,
                          const retrieval::BootstrapSettings& bootstrap) const {
    auto ranked = retrieval::rank_all(text, audio, kListed);
    if (!ranked) return std::move(ranked).error();
    auto figures =
        retrieval::retrieval_figures(*ranked, text, audio.size(), static_cast<std::size_t>(options_.map_at), bootstrap);
    if (!figures) return std::move(figures).error();
    Report report;
    std::ranges::transform(*figures, std::back_inserter(report.metrics), metric_of);
    report.notes = notes(*ranked, "texts", "recordings", audio.size());
    report.files.push_back(artefact("ranking.csv", ranking_csv(*ranked, audio, text, captions)));
    return report;
  }

  Result<Report> classify(const retrieval::UnitRows& audio, const retrieval::UnitRows& text, const Captions& captions,
                          const retrieval::BootstrapSettings& bootstrap) const {
    auto ranked = retrieval::rank_all(audio, text, 1);
    if (!ranked) return std::move(ranked).error();
    auto accuracy = retrieval::accuracy_figure(*ranked, text.size(), bootstrap);
    if (!accuracy) return std::move(accuracy).error();
    std::vector<std::string> fields = {"file_name", "class", "nearest_class", "nearest_caption"};
    std::string csv = text::csv_row(fields);
    for (const RankedQuery& query : *ranked) {
      const std::size_t nearest = query.best.front();
      fields = {audio.id(query.query), audio.related(query.query), text.related(nearest),
                caption_of(text.id(nearest), captions)};
      csv += text::csv_row(fields);
    }
    Report report{.metrics = {metric_of(*accuracy)}, .files = {artefact("classification.csv", csv)}};
    report.notes = notes(*ranked, "recordings", "sentences", text.size());
    return report;
  }

  // The form of the DCASE submissions: header caption,file_name_1..10, a row per query in its order, best first.
  static std::string ranking_csv(std::span<const RankedQuery> ranked, const retrieval::UnitRows& audio,
                                 const retrieval::UnitRows& text, const Captions& captions) {
    std::vector<std::string> fields = {"caption"};
    for (std::size_t place = 1; place <= kListed; ++place) fields.push_back("file_name_" + std::to_string(place));
    std::string csv = text::csv_row(fields);
    for (const RankedQuery& query : ranked) {
      fields.assign(1 + kListed, "");
      fields[0] = caption_of(text.id(query.query), captions);
      for (std::size_t place = 0; place < query.best.size(); ++place) fields[1 + place] = audio.id(query.best[place]);
      csv += text::csv_row(fields);
    }
    return csv;
  }

  // The sentence of a text row, or its id where no captions are wired.
  static std::string caption_of(const std::string& id, const Captions& captions) {
    const auto caption = captions.find(id);
    return caption == captions.end() ? id : caption->second;
  }

  static std::vector<std::string> notes(std::span<const RankedQuery> ranked, const std::string& queries,
                                        const std::string& items, std::size_t item_count) {
    std::size_t lost = 0;
    std::size_t tied = 0;
    double rank = 0;
    double expected_rank = 0;
    for (const RankedQuery& query : ranked) {
      if (query.relevant.ranks.empty()) {
        ++lost;
        continue;
      }
      tied += query.relevant.tied ? 1 : 0;
      rank += static_cast<double>(query.relevant.ranks.front());
      expected_rank += query.relevant.expected_rank;
    }
    std::vector<std::string> sentences;
    sentences.push_back(std::to_string(ranked.size() - lost) + " " + queries + " against " +
                        std::to_string(item_count) + " " + items);
    if (lost > 0)
      sentences.push_back(std::to_string(lost) + " " + queries + " left out: nothing related among the " + items);
    if (tied > 0) {
      const auto count = static_cast<double>(ranked.size() - lost);
      std::array<char, 160> text{};
      std::snprintf(text.data(), text.size(),
                    "%zu of %zu %s have ties at the right answer: mean rank %.2f, %.2f were ties in random order", tied,
                    ranked.size() - lost, queries.c_str(), rank / count, expected_rank / count);
      sentences.emplace_back(text.data());
    }
    return sentences;
  }

  Options options_;
  retrieval::UnitRows audio_;
  retrieval::UnitRows text_;
  Captions captions_;
};

}  // namespace

EARSHOT_PLUGIN(Rank)
