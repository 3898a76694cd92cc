// What the tests of the store share: a folder of their own, records that say what they are, and short verbs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "earshot/pipeline/cache/store.h"
#include "earshot/pipeline/cache/writer.h"
#include "store_files.h"

namespace earshot::cache {

class StoreTest : public ::testing::Test {
 public:
  ~StoreTest() override {
    std::error_code failure;
    std::filesystem::remove_all(folder_, failure);
  }

 protected:
  StoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    store_ = folder_ / "store";
  }

  static ContentKey key(int number) {
    ContentKey key;
    for (int i = 0; i < 4; ++i) key.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> 8 * i);
    key.bytes[15] = static_cast<std::uint8_t>(number * 37);
    return key;
  }
  // 100 to 5,000 bytes that only this record has.
  static std::string value(int number) {
    std::string text;
    const std::size_t length = 100 + static_cast<std::size_t>(number) * 7919 % 4900;
    while (text.size() < length) text += std::to_string(number) + "/" + std::to_string(text.size()) + " ";
    return text;
  }
  static Description stage(const std::string& hop = "10") { return {"logmel", {{"logmel.hop_ms", hop}}}; }

  Result<Store> open(Mode mode, const std::string& shard = {}) const {
    return StoreFiles::open(store_, {.mode = mode, .shard = shard}, env_);
  }
  static Status put(Writer& writer, int number, const std::string& hop = "10") {
    const std::string text = value(number);
    const Result<DescriptionId> id = writer.describe(stage(hop));
    if (!id.ok()) return id.error();
    return writer.put({.key = key(number),
                       .description = *id,
                       .item = "item" + std::to_string(number),
                       .content = "content",
                       .machine = "",
                       .value = std::as_bytes(std::span(text))});
  }
  // Opens the store and commits records [first, last), `batch` a commit.
  Status write(int first, int last, int batch = 1000, const std::string& shard = {}) const {
    Result<Store> store = open(Mode::kWrite, shard);
    if (!store.ok()) return store.error();
    Result<Writer> writer = Writer::of(*store);
    if (!writer.ok()) return writer.error();
    for (int i = first; i < last; ++i) {
      if (Status done = put(*writer, i); !done.ok()) return done;
      if ((i - first) % batch == batch - 1)
        if (Status done = writer->commit(); !done.ok()) return done;
    }
    return writer->commit();
  }
  // The value of a record; "" where it was never committed.
  static Result<std::string> read(const Store& store, int number) {
    const ContentKey wanted = key(number);
    const Result<std::vector<std::optional<Place>>> found = store.find({&wanted, 1});
    if (!found.ok()) return found.error();
    if (!found->front()) return std::string();
    const Result<Value> read = store.read(*found->front());
    if (!read.ok()) return read.error();
    return std::string(reinterpret_cast<const char*>(read->bytes().data()), read->bytes().size());
  }
  // How many of records [0, count) are there, all of them right; -1 and a failure where one is wrong.
  int right_values(int count) const {
    const Result<Store> store = open(Mode::kRead);
    if (!store.ok()) {
      ADD_FAILURE() << store.error().message;
      return -1;
    }
    int there = 0;
    for (int i = 0; i < count; ++i) {
      const Result<std::string> found = read(*store, i);
      if (!found.ok() || (!found->empty() && *found != value(i))) {
        ADD_FAILURE() << i << ": " << (found.ok() ? "a wrong value" : found.error().message);
        return -1;
      }
      there += found->empty() ? 0 : 1;
    }
    return there;
  }

  std::filesystem::path folder_;
  std::filesystem::path store_;
  rocksdb::Env* env_ = rocksdb::Env::Default();
};

}  // namespace earshot::cache
