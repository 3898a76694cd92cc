// Keeper: the cache of a run: values that a store keeps, values on their way there, and what is known of files.
//
// Invariants: a key is in `pending_` from the claim of the item that computes it until its value is committed, or until
// the item gives up. A value that is ready but not committed is read from memory; so a key being computed is computed
// once, whatever order items end in. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/payload.h"
#include "earshot/pipeline/cache/content_table.h"
#include "earshot/pipeline/cache/key.h"
#include "earshot/pipeline/cache/packing.h"
#include "earshot/pipeline/cache/store.h"
#include "earshot/pipeline/cache/writer.h"
#include "earshot/pipeline/run/cache_use.h"

namespace earshot::run {

// A value of one node for one item that the store keeps, or is to keep.
struct Kept {
  int node = 0;
  int port = 0;
  std::int64_t segment = -1;  // of a ranged stage
  cache::ContentKey key;
  std::string contents;
  std::optional<cache::Place> place;  // it is committed
  bool waits = false;                 // an earlier item computes it
  bool claimed = false;               // this item computes it
  std::int64_t bytes = 0;             // of the value, once it was kept

  [[nodiscard]] bool there() const { return place.has_value() || waits; }
};

// How the values of an output are kept.
struct KeptPort {
  PayloadReader reader;
  cache::Form form = cache::Form::kExact;
  cache::DescriptionId description = 0;
  std::string machine;
};

class Keeper {
 public:
  // Opens the store to write, and the table of what is known of files. Errors: those of Store::open.
  static Result<std::unique_ptr<Keeper>> open(const CacheUse& use, std::string machine);
  // Opens what is there to be looked at, also beside a process that writes it: nothing can be kept. Files are hashed as
  // `use` says. Errors: those of Store::open but for kNotFound: then nothing is there.
  static Result<std::unique_ptr<Keeper>> open_to_look(const CacheUse& use, std::string machine);

  [[nodiscard]] const cache::ContentTable& contents() const { return *contents_; }
  // The class of machine that `numeric` values are of.
  [[nodiscard]] const std::string& machine() const { return machine_; }
  // 0 where nothing can be kept.
  Result<cache::DescriptionId> describe(const cache::Description& description);
  // Null where none is there.
  [[nodiscard]] const cache::Store* store() const { return store_ ? &*store_ : nullptr; }

  // Which of them are committed. Errors: those of the store, after which broken() says so.
  Status look_up(std::span<Kept* const> kept) const;
  // An earlier item computes the key: then `kept` waits for it. Else, if `compute`, the key is this item's to compute.
  void claim(Kept& kept, bool compute);
  // A claim that came to nothing: those who wait fail as it did.
  void give_up(const Kept& kept, const Error& why);
  // True when a value can be read or will never come; else `then` is called, once, when that is so.
  bool ready(const Kept& kept, std::function<void()> then);

  // Errors: those of the store, after which broken() says so; the error of the item that gave up.
  Result<PayloadPtr> read(const Kept& kept, const KeptPort& port);
  // Keeps `payload` and gives back what will be read in its place. Errors: those of pack(); those of the store, after
  // which broken() says so.
  Result<PayloadPtr> keep(Kept& kept, const KeptPort& port, const Payload& payload, std::string_view item);
  // All that is ready becomes part of the store.
  Status commit();

  // What happened to the store: nothing that was computed later counts, and the run ends with it.
  [[nodiscard]] std::optional<Error> broken() const;
  void count(std::int64_t hits, std::int64_t misses, std::int64_t source_bytes);
  [[nodiscard]] CacheFigures figures() const;

 private:
  enum class State : std::uint8_t { kComputing, kReady, kGivenUp };
  struct Pending {
    State state = State::kComputing;
    std::shared_ptr<const std::vector<std::byte>> bytes;
    Error error;
    std::vector<std::function<void()>> waiting;
  };

  Keeper(std::optional<cache::Store> store, std::unique_ptr<cache::ContentTable> contents, std::string machine,
         std::int64_t quota);
  Status start_writer();
  Result<std::shared_ptr<const std::vector<std::byte>>> pending_value(const Kept& kept);
  Status commit_locked();
  void settle(const cache::ContentKey& key, Pending settled);
  Error broken_by(Error error) const;

  std::optional<cache::Store> store_;
  std::unique_ptr<cache::ContentTable> contents_;
  const std::string machine_;
  const std::int64_t quota_;  // bytes that the folder may take; 0 = any number
  std::int64_t taken_ = 0;    // of them, when it was opened

  mutable std::mutex pending_mutex_;
  std::map<cache::ContentKey, Pending> pending_;

  std::mutex write_mutex_;
  std::optional<cache::Writer> writer_;
  std::chrono::steady_clock::time_point committed_at_;

  mutable std::mutex figures_mutex_;
  CacheFigures figures_;
  mutable std::optional<Error> broken_;
};

// What distinguishes machines whose `numeric` values may differ in their last bits: processor, threads of one call.
std::string machine_class(int compute_threads);

}  // namespace earshot::run
