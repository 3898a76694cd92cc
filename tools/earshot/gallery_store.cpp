// Galleries that the stage `index` left in a run folder, and the ranking of any gallery.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "earshot/contract/npy.h"
#include "files.h"
#include "gallery.h"

namespace earshot::tools {
namespace {

Error corrupt(const std::filesystem::path& file, const std::string& what) {
  return {ErrorCode::kCorruptInput,
          "'" + file.string() + "' " + what + "; run the graph again to have it written anew"};
}

Result<std::vector<GalleryRow>> read_rows(const std::filesystem::path& file) {
  const Result<std::vector<std::byte>> bytes = read_file(file);
  if (!bytes.ok()) return bytes.error();
  std::string_view left(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  std::vector<GalleryRow> rows;
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("id") || !json["id"].is_string())
      return corrupt(file, "is no list of rows at line " + std::to_string(rows.size() + 1));
    GalleryRow row{.id = json["id"].get<std::string>()};
    row.file = json.value("file", row.id);
    row.start_s = json.value("start_s", 0.0);
    row.caption = json.value("caption", std::string());
    if (json.contains("length_s")) row.length_s = json["length_s"].get<double>();
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Result<std::optional<Gallery>> stored_gallery(const std::filesystem::path& run) {
  const std::filesystem::path vectors = run / "index.npy";
  std::error_code failure;
  if (!std::filesystem::exists(vectors, failure)) return std::optional<Gallery>();
  const Result<std::vector<std::byte>> bytes = read_file(vectors);
  if (!bytes.ok()) return bytes.error();
  const Result<Record> record = from_npy(*bytes);
  if (!record.ok()) return corrupt(vectors, "cannot be read: " + record.error().message);
  Result<std::vector<GalleryRow>> rows = read_rows(run / "index.jsonl");
  if (!rows.ok()) return rows.error();
  if (record->dtype != DType::kFloat32 || record->shape.size() != 2 ||
      record->shape[0] != static_cast<std::int64_t>(rows->size()))
    return corrupt(vectors, "does not fit the rows of index.jsonl beside it");
  Gallery gallery{.dim = static_cast<std::size_t>(record->shape[1]), .rows = *std::move(rows)};
  gallery.vectors.resize(record->bytes.size() / sizeof(float));
  if (!record->bytes.empty()) std::memcpy(gallery.vectors.data(), record->bytes.data(), record->bytes.size());
  return std::optional(std::move(gallery));
}

std::vector<Hit> best_hits(const Gallery& gallery, std::span<const float> question, std::size_t count) {
  std::vector<Hit> all(gallery.rows.size());
  for (std::size_t row = 0; row < all.size(); ++row) {
    const std::span<const float> vector = gallery.vector(row);
    all[row] = {row, std::inner_product(vector.begin(), vector.end(), question.begin(), 0.0)};
  }
  std::ranges::stable_sort(all, [](const Hit& a, const Hit& b) { return a.score > b.score; });
  std::vector<Hit> best;
  std::set<std::string_view> files;
  for (const Hit& hit : all) {
    if (best.size() == count) break;
    if (files.insert(gallery.rows[hit.row].file).second) best.push_back(hit);
  }
  return best;
}

}  // namespace earshot::tools
