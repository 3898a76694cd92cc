// Writes the records of a small caching run into a store, those that are not there, and says what was committed.
//
//   store_writer STORE COUNT BATCH BYTES [STAGE [HOP [SHARD]]]
//
// Record i of a stage and hop has a value of BYTES bytes or a little more that only it has. Prints "committed N" after
// each commit of BATCH records, N those of the whole store; in the end "done". What is there already is read and
// compared first: a wrong value ends with 3, any other error with 1 and its sentence.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "earshot/contract/content_id.h"
#include "earshot/pipeline/cache/store.h"
#include "earshot/pipeline/cache/writer.h"

namespace {

using namespace earshot;

constexpr int kWrongValue = 3;

struct Job {
  std::string store;
  int count = 0;
  int batch = 1;
  std::size_t bytes = 0;
  std::string stage = "logmel";
  std::string hop = "10";
  std::string shard;
};

int fail(const Error& error) {
  std::cerr << error.message << '\n';
  return EXIT_FAILURE;
}

std::string name_of(const Job& job, int number) { return job.stage + " " + job.hop + " " + std::to_string(number); }

cache::ContentKey key_of(const Job& job, int number) {
  return *cache::content_key_of(content_id(name_of(job, number)));
}

std::string value_of(const Job& job, int number) {
  std::string text;
  for (int part = 0; text.size() < job.bytes; ++part) text += content_id(name_of(job, number) + std::to_string(part));
  return text;
}

Result<std::vector<bool>> there(const Job& job, const cache::Store& store) {
  std::vector<cache::ContentKey> keys;
  for (int i = 0; i < job.count; ++i) keys.push_back(key_of(job, i));
  const auto found = store.find(keys);
  if (!found.ok()) return found.error();
  std::vector<bool> known;
  for (int i = 0; i < job.count; ++i) {
    const std::optional<cache::Place>& place = (*found)[static_cast<std::size_t>(i)];
    known.push_back(place.has_value());
    if (!place) continue;
    const Result<cache::Value> value = store.read(*place);
    if (!value.ok()) return value.error();
    const std::string expected = value_of(job, i);
    if (!std::ranges::equal(std::as_bytes(std::span(expected)), value->bytes())) {
      std::cerr << "record " << i << " has a wrong value\n";
      std::exit(kWrongValue);
    }
  }
  return known;
}

int write(const Job& job) {
  Result<cache::Store> store = cache::Store::open(job.store, {.mode = cache::Mode::kWrite, .shard = job.shard});
  if (!store.ok()) return fail(store.error());
  const Result<std::vector<bool>> known = there(job, *store);
  if (!known.ok()) return fail(known.error());
  Result<cache::Writer> writer = cache::Writer::of(*store);
  if (!writer.ok()) return fail(writer.error());
  auto committed = std::ranges::count(*known, true);
  std::cout << "committed " << committed << std::endl;
  const auto id = writer->describe({job.stage,
                                    {{"plugin", job.stage + " 1"},
                                     {"hop", job.hop + " ms"},
                                     {job.stage + ".fact audio.sample_rate", "8000"},
                                     {"corpus.plugin", "folder 1"}}});
  if (!id.ok()) return fail(id.error());
  int pending = 0;
  for (int i = 0; i < job.count; ++i) {
    if ((*known)[static_cast<std::size_t>(i)]) continue;
    const std::string item = "item" + std::to_string(i) + ".wav";
    const std::string content = content_id(item);
    const std::string value = value_of(job, i);
    const Status put = writer->put({.key = key_of(job, i),
                                    .description = *id,
                                    .item = item,
                                    .content = content,
                                    .machine = "",
                                    .value = std::as_bytes(std::span(value))});
    if (!put.ok()) return fail(put.error());
    if (++pending < job.batch && i + 1 < job.count) continue;
    if (const Status done = writer->commit(); !done.ok()) return fail(done.error());
    committed += std::exchange(pending, 0);
    std::cout << "committed " << committed << std::endl;
  }
  if (const Status done = writer->commit(); !done.ok()) return fail(done.error());
  std::cout << "done" << std::endl;
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 4) {
    std::cerr << "usage: store_writer STORE COUNT BATCH BYTES [STAGE [HOP [SHARD]]]\n";
    return 2;
  }
  Job job{words[0], std::stoi(words[1]), std::stoi(words[2]), std::stoul(words[3])};
  if (words.size() > 4) job.stage = words[4];
  if (words.size() > 5) job.hop = words[5];
  if (words.size() > 6) job.shard = words[6];
  return write(job);
}
