#include "speeds.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace earshot::run {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kFile = "speeds.json";
constexpr std::int64_t kEnough = 32;  // items whose mean is as good as that of any more

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

ordered_json json_of(const StageSpeed& speed) {
  return {{"runs", speed.runs},
          {"run_s", speed.run_s},
          {"reads", speed.reads},
          {"read_s", speed.read_s},
          {"kept_as", speed.kept_as},
          {"value_bytes", speed.value_bytes},
          {"form", speed.form},
          {"sample_rate_hz", speed.sample_rate_hz},
          {"items_a_record", speed.items_a_record},
          {"build_s", speed.build_s},
          {"speedup", speed.speedup}};
}

ordered_json json_of(const Speeds& speeds) {
  ordered_json stages = ordered_json::object();
  for (const auto& [key, speed] : speeds.stages) stages[key] = json_of(speed);
  return {{"stages", stages},
          {"records", speeds.records},
          {"admission_s", speeds.admission_s},
          {"hashing_s", speeds.hashing_s},
          {"unpacking_s", speeds.unpacking_s},
          {"around_s", speeds.around_s}};
}

StageSpeed stage_of(const ordered_json& json) {
  StageSpeed speed;
  speed.runs = json.value("runs", speed.runs);
  speed.run_s = json.value("run_s", speed.run_s);
  speed.reads = json.value("reads", speed.reads);
  speed.read_s = json.value("read_s", speed.read_s);
  speed.kept_as = json.value("kept_as", speed.kept_as);
  speed.value_bytes = json.value("value_bytes", speed.value_bytes);
  speed.form = json.value("form", speed.form);
  speed.sample_rate_hz = json.value("sample_rate_hz", speed.sample_rate_hz);
  speed.items_a_record = json.value("items_a_record", speed.items_a_record);
  speed.build_s = json.value("build_s", speed.build_s);
  speed.speedup = std::max(json.value("speedup", speed.speedup), 0.1);
  return speed;
}

Speeds speeds_of(const ordered_json& json) {
  Speeds speeds;
  if (json.contains("stages"))
    for (const auto& [key, stage] : json["stages"].items()) speeds.stages[key] = stage_of(stage);
  speeds.records = json.value("records", speeds.records);
  speeds.admission_s = json.value("admission_s", 0.0);
  speeds.hashing_s = json.value("hashing_s", 0.0);
  speeds.unpacking_s = json.value("unpacking_s", 0.0);
  speeds.around_s = json.value("around_s", 0.0);
  return speeds;
}

// Machine -> its figures; empty where the file is not there or damaged.
ordered_json read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  ordered_json json = stream ? ordered_json::parse(stream, nullptr, /*allow_exceptions=*/false) : ordered_json();
  return json.is_object() ? json : ordered_json::object();
}

std::optional<Speeds> read_speeds(const fs::path& file) {
  const ordered_json all = read_file(file);
  const auto mine = all.find(machine_name());
  if (mine == all.end()) return std::nullopt;
  try {
    return speeds_of(*mine);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

// Figures of at least as many items, or of enough.
bool counts(std::int64_t items, std::int64_t before) { return items > 0 && items >= std::min(before, kEnough); }

void take_newer(StageSpeed& into, const StageSpeed& from) {
  if (counts(from.runs, into.runs)) {
    const StageSpeed before = into;
    into = from;
    if (from.reads == 0) into.reads = before.reads, into.read_s = before.read_s;
    if (from.build_s == 0) into.build_s = before.build_s;
    if (from.value_bytes == 0)
      into.value_bytes = before.value_bytes, into.form = before.form, into.kept_as = before.kept_as;
  }
  if (counts(from.reads, into.reads)) into.reads = from.reads, into.read_s = from.read_s;
}

void take_newer(Speeds& into, const Speeds& from) {
  for (const auto& [key, speed] : from.stages) take_newer(into.stages[key], speed);
  if (counts(from.records, into.records)) into.records = from.records, into.admission_s = from.admission_s;
  for (double Speeds::*const figure : {&Speeds::hashing_s, &Speeds::unpacking_s, &Speeds::around_s})
    if (from.*figure > 0) into.*figure = from.*figure;
}

}  // namespace

double sample_rate_hz(const graph::ResolvedStage& stage) {
  double largest_hz = 0;
  for (const auto& [port, facts] : stage.facts)
    if (const auto rate = facts.find("sample_rate"); rate != facts.end())
      largest_hz = std::max(largest_hz, std::strtod(rate->second.c_str(), nullptr));
  return largest_hz;
}

std::string stage_key(const std::string& stage, const std::string& plugin) { return stage + " " + plugin; }

const StageSpeed* Speeds::find(const std::string& stage, const std::string& plugin) const {
  if (const auto found = stages.find(stage_key(stage, plugin)); found != stages.end()) return &found->second;
  for (const auto& [key, speed] : stages)
    if (key.ends_with(" " + plugin)) return &speed;
  return nullptr;
}

std::optional<Speeds> load_speeds(const fs::path& folder) {
  std::optional<Speeds> speeds = read_speeds(folder / kFile);
  std::vector<fs::path> shards;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().filename().string().starts_with("shard-")) shards.push_back(at->path());
  std::ranges::sort(shards);
  for (const fs::path& shard : shards) {
    const std::optional<Speeds> more = read_speeds(shard / kFile);
    if (!more) continue;
    if (speeds)
      take_newer(*speeds, *more);
    else
      speeds = more;
  }
  return speeds;
}

void save_speeds(const fs::path& store, const Speeds& speeds) {
  ordered_json all = read_file(store / kFile);
  Speeds merged = read_speeds(store / kFile).value_or(Speeds{});
  take_newer(merged, speeds);
  all[machine_name()] = json_of(merged);
  const fs::path temporary = store / (std::string(kFile) + ".tmp");
  std::ofstream(temporary, std::ios::binary) << all.dump(1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
  std::error_code failure;
  fs::rename(temporary, store / kFile, failure);
  if (failure) fs::remove(temporary, failure);
}

}  // namespace earshot::run
