// index: keeps the embeddings of a gallery of recordings in the run folder, where `earshot search` finds them.
//
// State: rows of unit length in order of arrival, what is known of each recording by its id, and the first caption of
// each relation; finish() empties them.
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "earshot/audio/recording.h"
#include "earshot/contract/embedding.h"
#include "earshot/contract/npy.h"
#include "earshot/contract/plugin.h"
#include "earshot/retrieval/unit_rows.h"
#include "earshot/text/text.h"

namespace {
using namespace earshot;

struct Place {
  std::string file;
  double start_s = 0;
  double length_s = 0;
};

// [row, dim] float32.
Record record_of(const retrieval::UnitRows& rows) {
  Record record{.kind = Embedding::kInfo.kind,
                .dtype = DType::kFloat32,
                .shape = {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.dim())}};
  record.bytes.resize(rows.values().size_bytes());
  if (!record.bytes.empty()) std::memcpy(record.bytes.data(), rows.values().data(), record.bytes.size());
  return record;
}

class Index final : public Collect {
 public:
  static auto contract() {
    return Contract<NoOptions>("index", /*algorithm=*/1, "keeps the embeddings of recordings for search")
        .input<Embedding>("audio")
        .input<Recording>("recording", optional_input())
        .input<Text>("caption", optional_input())
        .deterministic();
  }
  Index(const NoOptions&, const Setup&) {}

  Status add(std::string_view port, Row row) override {
    if (port == "audio")
      return rows_.add(std::move(row.id), std::move(row.related), static_cast<const Embedding&>(*row.payload).values());
    if (port == "recording") {
      const auto& recording = static_cast<const Recording&>(*row.payload);
      places_[row.id] = {recording.content().name(), static_cast<double>(recording.range().start_ms) / 1000.0,
                         recording.length_s()};
    } else {
      captions_.emplace(row.related, static_cast<const Text&>(*row.payload).utf8());
    }
    return {};
  }

  Result<Report> finish(Context&) override {
    const retrieval::UnitRows rows = std::exchange(rows_, {});
    const std::map<std::string, Place> places = std::exchange(places_, {});
    const std::map<std::string, std::string> captions = std::exchange(captions_, {});
    Artefact lines{"index.jsonl", {}};
    for (std::size_t row = 0; row < rows.size(); ++row) {
      nlohmann::ordered_json line = {{"id", rows.id(row)}, {"related", rows.related(row)}};
      if (const auto place = places.find(rows.id(row)); place != places.end()) {
        line["file"] = place->second.file;
        line["start_s"] = place->second.start_s;
        line["length_s"] = place->second.length_s;
      }
      if (const auto caption = captions.find(rows.related(row)); caption != captions.end())
        line["caption"] = caption->second;
      // Names of files need not be UTF-8; what is not is replaced.
      const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
      const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
      lines.bytes.insert(lines.bytes.end(), bytes, bytes + text.size());
    }
    Report report;
    report.files.push_back({"index.npy", to_npy(record_of(rows))});
    report.files.push_back(std::move(lines));
    report.notes.push_back(std::to_string(rows.size()) + " recordings indexed");
    return report;
  }

 private:
  retrieval::UnitRows rows_;
  std::map<std::string, Place> places_;          // by row id
  std::map<std::string, std::string> captions_;  // by relation
};

}  // namespace

EARSHOT_PLUGIN(Index)
