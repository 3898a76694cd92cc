// bench_datapath: FLAC of 30 s -> random crop of 10 s -> 32 kHz -> PaSST's log-mel, in clips a second.
// One JSON line a variant, in the form of the Python peers (README.md).
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "flac_files.h"
#include "graph_pass.h"
#include "plain_loop.h"

namespace {
namespace options = boost::program_options;
using namespace earshot;

struct Settings {
  std::string folder;
  std::string scratch;
  std::int64_t files = 160;
  int threads = 2;
  int repeats = 7;
};

// One pass over all files, a clip.
struct Cost {
  double clips_per_s = 0;
  double cpu_ms = 0;  // of all threads: what stays comparable on a machine that has other work
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

nlohmann::ordered_json line_of(const std::string& variant, const char* unit, int threads, std::vector<double> values) {
  std::ranges::sort(values);
  const bool smaller_is_better = std::string(unit).starts_with("ms");
  nlohmann::ordered_json line;
  line["work"] = "data path FLAC->log-mel";
  line["peer"] = variant;
  line["value"] = median(values);
  line["best"] = smaller_is_better ? values.front() : values.back();
  line["worst"] = smaller_is_better ? values.back() : values.front();
  line["unit"] = unit;
  line["repeats"] = values.size();
  line["threads"] = threads;
  return line;
}

void print(const std::string& variant, int threads, const std::vector<Cost>& costs) {
  std::vector<double> rates;
  std::vector<double> cpu;
  for (const Cost& cost : costs) {
    rates.push_back(cost.clips_per_s);
    cpu.push_back(cost.cpu_ms);
  }
  nlohmann::ordered_json line = line_of(variant, "clips/s", threads, rates);
  line["cpu_ms_per_clip"] = median(cpu);
  std::cout << line.dump() << std::endl;
}

// What each pass of `pass` over `clips` clips costs, after a warm-up.
Result<std::vector<Cost>> costs_of(std::size_t clips, int repeats, const std::function<Status(std::uint64_t)>& pass) {
  std::vector<Cost> costs;
  const auto count = static_cast<double>(clips);
  for (std::uint64_t number = 0; number <= static_cast<std::uint64_t>(repeats); ++number) {
    const double cpu_before = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    if (Status status = pass(number + 1); !status.ok()) return std::move(status).error();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (number > 0) costs.push_back({count / seconds, (cpu_seconds() - cpu_before) * 1000 / count});
  }
  return costs;
}

Status measure(const Settings& settings) {
  const auto files = settings.folder.empty() ? bench::make_flac_files(settings.scratch, settings.files)
                                             : bench::find_flac_files(settings.folder);
  if (!files.ok()) return files.error();
  const auto clips = static_cast<double>(files->size());
  std::vector<bench::StepTimes> steps;
  for (const int threads : {1, settings.threads}) {
    const auto result = costs_of(files->size(), settings.repeats, [&](std::uint64_t seed) -> Status {
      const Result<bench::StepTimes> times = bench::plain_loop(*files, threads, seed);
      if (!times.ok()) return times.error();
      if (threads == 1) steps.push_back(*times);
      return {};
    });
    if (!result.ok()) return result.error();
    print("plain loop", threads, *result);
  }
  Result<bench::GraphPass> graph =
      bench::GraphPass::create(settings.folder.empty() ? settings.scratch : settings.folder, settings.scratch);
  if (!graph.ok()) return graph.error();
  const auto through_graph = costs_of(files->size(), settings.repeats, [&](std::uint64_t seed) {
    return graph->run(files->size(), settings.threads, seed);
  });
  if (!through_graph.ok()) return through_graph.error();
  print("graph", settings.threads, *through_graph);
  const auto print_step = [&](const char* name, double bench::StepTimes::*step) {
    std::vector<double> values;
    for (const bench::StepTimes& times : steps) values.push_back(times.*step * 1000 / clips);
    std::cout << line_of(std::string("step: ") + name, "ms/clip", 1, values).dump() << std::endl;
  };
  print_step("decode", &bench::StepTimes::decode_s);
  print_step("resample", &bench::StepTimes::resample_s);
  print_step("log-mel", &bench::StepTimes::log_mel_s);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  options::options_description known("bench_datapath");
  known.add_options()("help", "this text")("folder", options::value(&settings.folder), "FLAC files to read")(
      "scratch", options::value(&settings.scratch)->default_value("bench-datapath"),
      "where files are made when no folder is given")("files", options::value(&settings.files)->default_value(160),
                                                      "how many are made")(
      "threads", options::value(&settings.threads)->default_value(2), "threads of the parallel variants")(
      "repeats", options::value(&settings.repeats)->default_value(7), "passes over all files");
  try {
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, known), given);
    options::notify(given);
    if (given.contains("help")) {
      std::cout << known;
      return 0;
    }
  } catch (const options::error& wrong) {
    std::cerr << wrong.what() << "\n" << known;
    return 2;
  }
  if (const Status status = measure(settings); !status.ok()) {
    std::cerr << status.error().message << "\n";
    return 1;
  }
  return 0;
}
