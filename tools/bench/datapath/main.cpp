// bench_datapath: FLAC of 30 s -> random crop of 10 s -> 32 kHz -> PaSST's log-mel, in clips a second.
// One JSON line a variant, in the form of the Python peers (README.md).
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "flac_files.h"
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

void print(const std::string& variant, const char* unit, int threads, std::vector<double> values) {
  std::ranges::sort(values);
  const bool smaller_is_better = std::string(unit).starts_with("ms");
  nlohmann::ordered_json line;
  line["work"] = "data path FLAC->log-mel";
  line["peer"] = variant;
  line["value"] = values[values.size() / 2];
  line["best"] = smaller_is_better ? values.front() : values.back();
  line["worst"] = smaller_is_better ? values.back() : values.front();
  line["unit"] = unit;
  line["repeats"] = values.size();
  line["threads"] = threads;
  std::cout << line.dump() << std::endl;
}

// Clips a second of `pass` over `clips` clips, after a warm-up.
Result<std::vector<double>> rates(std::size_t clips, int repeats, const std::function<Status(std::uint64_t)>& pass) {
  std::vector<double> rates;
  for (int repeat = -1; repeat < repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    if (Status status = pass(static_cast<std::uint64_t>(repeat + 2)); !status.ok()) return std::move(status).error();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (repeat >= 0) rates.push_back(static_cast<double>(clips) / seconds);
  }
  return rates;
}

Status measure(const Settings& settings) {
  const auto files = settings.folder.empty() ? bench::make_flac_files(settings.scratch, settings.files)
                                             : bench::find_flac_files(settings.folder);
  if (!files.ok()) return files.error();
  const auto clips = static_cast<double>(files->size());
  std::vector<bench::StepTimes> steps;
  for (const int threads : {1, settings.threads}) {
    const auto result = rates(files->size(), settings.repeats, [&](std::uint64_t seed) -> Status {
      const Result<bench::StepTimes> times = bench::plain_loop(*files, threads, seed);
      if (!times.ok()) return times.error();
      if (threads == 1) steps.push_back(*times);
      return {};
    });
    if (!result.ok()) return result.error();
    print("plain loop", "clips/s", threads, *result);
  }
  const auto print_step = [&](const char* name, double bench::StepTimes::*step) {
    std::vector<double> values;
    for (const bench::StepTimes& times : steps) values.push_back(times.*step * 1000 / clips);
    print(std::string("step: ") + name, "ms/clip", 1, values);
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
