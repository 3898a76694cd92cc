#include "earshot/nn/weights_place.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "weights_list.h"

namespace earshot::nn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHome = "EARSHOT_WEIGHTS";
constexpr const char* kInstalled = "earshot/weights";  // below the user's cache: what tools/setup puts there
constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// The shards that an index names, all in its folder.
Result<std::vector<fs::path>> shards(const fs::path& index) {
  std::ifstream stream(index, std::ios::binary);
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false);
  const Error none{ErrorCode::kCorruptInput,
                   index.string() + " is no index of shards: expected weight_map, {key: file}"};
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) return none;
  std::set<fs::path> files;
  for (const auto& [key, file] : json["weight_map"].items()) {
    if (!file.is_string()) return none;
    const fs::path name = file.get<std::string>();
    if (name.filename() != name) return none;
    files.insert(index.parent_path() / name);
  }
  if (files.empty()) return none;
  return std::vector<fs::path>(files.begin(), files.end());
}

Result<WeightsPlace> in_folder(const fs::path& folder) {
  if (is_file(folder / kSingle)) return WeightsPlace{folder, {folder / kSingle}};
  if (is_file(folder / kIndex)) {
    Result<std::vector<fs::path>> files = shards(folder / kIndex);
    if (!files.ok()) return std::move(files).error();
    return WeightsPlace{folder, *std::move(files)};
  }
  std::string hint;
  if (is_file(folder / "pytorch_model.bin"))
    hint = "; it has pytorch_model.bin: tools/convert " + (folder / "pytorch_model.bin").string() + " " +
           (folder / kSingle).string();
  return Error{ErrorCode::kNotFound, "the folder " + folder.string() + " has no " + kSingle + hint};
}

Result<WeightsPlace> at_path(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return in_folder(path);
  if (!is_file(path)) return Error{ErrorCode::kNotFound, "there are no weights at " + path.string()};
  if (path.extension() == ".safetensors") return WeightsPlace{path.parent_path(), {path}};
  return Error{ErrorCode::kUnsupported, path.string() + " is no safetensors file; convert it with tools/convert " +
                                            path.string() + " " +
                                            fs::path(path).replace_extension(".safetensors").string()};
}

Error absent(const KnownWeights& known, const std::vector<fs::path>& looked_for) {
  const char* const home = std::getenv(kHome);
  std::string where = home == nullptr || *home == '\0' ? std::string(kHome) + " is not set" : "";
  for (const fs::path& path : looked_for) where += (where.empty() ? "no " : ", no ") + path.string();
  const std::string here = "$EARSHOT_WEIGHTS/" + known.file;
  const std::string how = known.file.ends_with(".safetensors")
                              ? "tools/convert FILE " + here
                              : "put that folder at " + here + ", and where it has pytorch_model.bin alone, " +
                                    "tools/convert pytorch_model.bin model.safetensors";
  return {ErrorCode::kNotFound, "the weights \"" + known.name + "\" are not here (" + where +
                                    "): they are published at " + known.published + "; then: " + how};
}

Result<WeightsPlace> by_name(const KnownWeights& known) {
  std::vector<fs::path> looked_for;
  for (const fs::path& home : weights_homes()) looked_for.push_back(home / known.file);
  std::error_code ignored;
  const auto found = std::ranges::find_if(looked_for, [&](const fs::path& path) { return fs::exists(path, ignored); });
  if (found == looked_for.end()) return absent(known, looked_for);
  Result<WeightsPlace> place = at_path(*found);
  if (!place.ok() || known.bytes == 0) return place;
  std::uintmax_t bytes = 0;
  for (const fs::path& file : place->files) bytes += fs::file_size(file, ignored);
  if (bytes == known.bytes) return place;
  return Error{ErrorCode::kCorruptInput, place->files.front().string() + " has " + std::to_string(bytes) +
                                             " bytes, \"" + known.name + "\" has " + std::to_string(known.bytes) +
                                             ": fetch it again"};
}

}  // namespace

std::vector<fs::path> weights_homes() {
  std::vector<fs::path> all;
  const auto given = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path own = given(kHome); !own.empty()) all.push_back(own);
  if (const fs::path cache = given("XDG_CACHE_HOME"); !cache.empty())
    all.push_back(cache / kInstalled);
  else if (const fs::path user = given("HOME"); !user.empty())
    all.push_back(user / ".cache" / kInstalled);
  return all;
}

std::vector<std::string> weights_names() {
  std::vector<std::string> names;
  for (const KnownWeights& one : known_weights()) names.push_back(one.name);
  return names;
}

WeightsInfo WeightsPlace::info() const {
  WeightsInfo info{.files = files, .drawn = drawn()};
  if (info.drawn) info.notes = {"its weights are drawn at random: for tests and benchmarks only"};
  return info;
}

Result<WeightsPlace> find_weights(const std::string& weights) {
  if (weights == "random") return WeightsPlace{};
  const auto& list = known_weights();
  const auto known = std::ranges::find(list, weights, &KnownWeights::name);
  if (known != list.end()) return by_name(*known);
  std::error_code ignored;
  if (weights.find('/') != std::string::npos || fs::exists(weights, ignored)) return at_path(weights);
  std::string names;
  for (const std::string& name : weights_names()) names += ", " + name;
  return Error{ErrorCode::kInvalidArgument,
               "no weights are called \"" + weights + "\"; expected a path, random" + names};
}

}  // namespace earshot::nn
