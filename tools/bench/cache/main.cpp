// bench_cache: an epoch of [128, 1000] fp16 spectrograms read in random order, and written, by a store and by one plain
// file. One JSON line a variant, in the form of the Python peers (README.md), then the ratios.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include "earshot/contract/content_id.h"
#include "earshot/pipeline/cache/store.h"
#include "earshot/pipeline/cache/writer.h"
#include "plain_file.h"

namespace {

using namespace earshot;
namespace fs = std::filesystem;
namespace options = boost::program_options;

constexpr std::size_t kRecordBytes = std::size_t{2} * 128 * 1000;
constexpr std::size_t kBatch = 32;
constexpr std::uint64_t kSyncBytes = std::uint64_t{256} << 20;

struct Settings {
  fs::path scratch;
  std::size_t records = 4000;
  std::size_t commits = 2000;
  int repeats = 5;
};

double seconds_of(const auto& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Record i is a turn of one of 64 blocks of noise, so that no two are equal.
class Records {
 public:
  Records() : noise_(64 * kRecordBytes + 65536) {
    std::mt19937_64 draw(0);
    for (std::size_t at = 0; at + 8 <= noise_.size(); at += 8) {
      const std::uint64_t number = draw();
      std::memcpy(&noise_[at], &number, 8);
    }
  }
  [[nodiscard]] std::span<const std::byte> operator()(std::size_t record) const {
    return std::span(noise_).subspan(record % 64 * kRecordBytes + record / 64 * 8 % 65536, kRecordBytes);
  }

 private:
  std::vector<std::byte> noise_;
};

cache::ContentKey key_of(std::size_t record) { return *cache::content_key_of(content_id(std::to_string(record))); }

// What went wrong ends the program: a benchmark has no use for half a result.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return *std::move(result);
}
void must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

void write_store(const fs::path& folder, const Records& records, std::size_t count, std::size_t commits) {
  cache::Store store = must(cache::Store::open(folder, {.mode = cache::Mode::kWrite}));
  cache::Writer writer = must(cache::Writer::of(store, kSyncBytes));
  const cache::DescriptionId id = must(writer.describe({"logmel", {{"plugin", "logmel 1"}}}));
  for (std::size_t i = 0; i < count; ++i) {
    const std::string item = "item" + std::to_string(i);
    must(writer.put({.key = key_of(i), .description = id, .item = item, .content = item, .value = records(i)}));
    if (commits > 0 && (i + 1) % std::max<std::size_t>(1, count / commits) == 0) must(writer.commit());
  }
  must(writer.commit());
}

// An epoch in random order, into a batch of 32, every record checked by its XXH3.
using Batch = std::vector<std::byte>;
void copy(std::span<const std::byte> bytes, Batch& batch, std::size_t place) {
  std::memcpy(&batch[place % kBatch * kRecordBytes], bytes.data(), bytes.size());
}

void read_plain(const bench::PlainFile& file, std::span<const std::uint64_t> sums, std::span<const std::size_t> order,
                Batch& batch) {
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::span<const std::byte> bytes = file.record(order[place]);
    if (XXH3_64bits(bytes.data(), bytes.size()) != sums[order[place]]) throw std::runtime_error("a wrong checksum");
    copy(bytes, batch, place);
  }
}

void read_store(const cache::Store& store, std::span<const cache::ContentKey> keys, std::span<const std::size_t> order,
                Batch& batch) {
  std::vector<cache::ContentKey> wanted;
  for (std::size_t first = 0; first < order.size(); first += kBatch) {
    wanted.clear();
    const std::size_t end = std::min(first + kBatch, order.size());
    for (std::size_t place = first; place < end; ++place) wanted.push_back(keys[order[place]]);
    const auto found = must(store.find(wanted));
    for (std::size_t i = 0; i < found.size(); ++i) copy(must(store.read(found[i].value())).bytes(), batch, i);
  }
}

double report(const std::string& work, const std::string& peer, std::size_t count, const std::vector<double>& took_s) {
  const double bytes = static_cast<double>(count * kRecordBytes) / 1e9;
  const nlohmann::ordered_json line = {{"work", work},
                                       {"peer", peer},
                                       {"value", bytes / median(took_s)},
                                       {"best", bytes / std::ranges::min(took_s)},
                                       {"worst", bytes / std::ranges::max(took_s)},
                                       {"unit", "GB/s"},
                                       {"n", count},
                                       {"repeats", took_s.size()},
                                       {"threads", 1}};
  std::cout << line.dump() << std::endl;
  return bytes / median(took_s);
}

void measure(const Settings& settings) {
  const Records records;
  const std::string writing = "writing " + std::to_string(settings.records) + " x 256,000 B, synced";
  const std::string reading = "cached epoch, " + std::to_string(settings.records) + " x 256,000 B";
  const fs::path file = settings.scratch / "plain.bin";
  const fs::path few = settings.scratch / "few";
  const fs::path many = settings.scratch / "many";
  std::vector<double> plain_writing_s;
  std::vector<double> store_writing_s;
  const auto write_plain = [&] {
    fs::remove(file);
    plain_writing_s.push_back(
        seconds_of([&] { must(bench::write_plain_file(file, settings.records, kSyncBytes, records)); }));
  };
  const auto write_few = [&] {
    fs::remove_all(few);
    store_writing_s.push_back(seconds_of([&] { write_store(few, records, settings.records, 0); }));
  };
  // In turns, and each as often first as second: many disks are slower behind a gigabyte than before it.
  for (int i = 0; i < settings.repeats; ++i) {
    if (i % 2 == 0) write_plain();
    write_few();
    if (i % 2 == 1) write_plain();
  }
  fs::remove_all(many);
  const double many_s = seconds_of([&] { write_store(many, records, settings.records, settings.commits); });

  std::vector<std::uint64_t> sums;
  std::vector<cache::ContentKey> keys;
  for (std::size_t i = 0; i < settings.records; ++i) {
    sums.push_back(XXH3_64bits(records(i).data(), kRecordBytes));
    keys.push_back(key_of(i));
  }
  const bench::PlainFile plain = must(bench::PlainFile::open(file, kRecordBytes));
  const cache::Store store = must(cache::Store::open(few));
  const cache::Store store_of_many = must(cache::Store::open(many));
  const cache::Store written = must(cache::Store::open(few, {.mode = cache::Mode::kWrite}));
  Batch batch(kBatch * kRecordBytes);
  std::vector<std::size_t> order(settings.records);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 draw(1);
  std::vector<std::vector<double>> took_s(4);
  for (int i = 0; i <= settings.repeats; ++i) {
    std::ranges::shuffle(order, draw);
    const std::vector<double> once_s = {seconds_of([&] { read_plain(plain, sums, order, batch); }),
                                        seconds_of([&] { read_store(store, keys, order, batch); }),
                                        seconds_of([&] { read_store(store_of_many, keys, order, batch); }),
                                        seconds_of([&] { read_store(written, keys, order, batch); })};
    for (std::size_t variant = 0; i > 0 && variant < took_s.size(); ++variant)
      took_s[variant].push_back(once_s[variant]);
  }
  const double plain_writing = report(writing, "plain file", settings.records, plain_writing_s);
  const double store_writing = report(writing, "earshot store", settings.records, store_writing_s);
  const std::string commits = std::to_string(settings.commits) + " commits";
  report(writing, "earshot store, " + commits, settings.records, {many_s});
  const double plain_reading = report(reading, "mapped plain file + xxh3", settings.records, took_s[0]);
  const double store_reading = report(reading, "earshot store", settings.records, took_s[1]);
  const double many_reading = report(reading, "earshot store, " + commits, settings.records, took_s[2]);
  const double written_reading = report(reading, "earshot store, opened to write", settings.records, took_s[3]);
  std::cout << nlohmann::ordered_json({{"work", "ratios to the plain file"},
                                       {"writing", store_writing / plain_writing},
                                       {"reading", store_reading / plain_reading},
                                       {"reading after " + commits, many_reading / plain_reading},
                                       {"reading, opened to write", written_reading / plain_reading}})
                   .dump()
            << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string scratch;
  options::options_description all("bench_cache");
  all.add_options()                                                                                                   //
      ("help", "this text")                                                                                           //
      ("scratch", options::value(&scratch)->default_value("bench-cache"), "folder to write in, 4 GB; removed after")  //
      ("records", options::value(&settings.records)->default_value(settings.records), "of 256,000 bytes")             //
      ("commits", options::value(&settings.commits)->default_value(settings.commits), "of the store with many")       //
      ("repeats", options::value(&settings.repeats)->default_value(settings.repeats), "of each figure");
  try {
    options::variables_map values;
    options::store(options::parse_command_line(argc, argv, all), values);
    options::notify(values);
    if (values.count("help") != 0) {
      std::cout << all;
      return EXIT_SUCCESS;
    }
    settings.scratch = scratch;
    fs::create_directories(settings.scratch);
    measure(settings);
    fs::remove_all(settings.scratch);
    return EXIT_SUCCESS;
  } catch (const std::exception& thrown) {
    std::cerr << "bench_cache: error: " << thrown.what() << '\n';
    return EXIT_FAILURE;
  }
}
