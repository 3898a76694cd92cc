// earshot cache verify, evict and merge: a store is checked, thinned out, joined with others.
#include <algorithm>
#include <ctime>
#include <iostream>
#include <limits>
#include <map>
#include <system_error>

#include <nlohmann/json.hpp>

#include "cache_stores.h"
#include "command.h"
#include "earshot/pipeline/cache/maintain.h"
#include "earshot/pipeline/graph/quantity.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr std::int64_t kDay_s = 86400;

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string amount_text(std::uint64_t records, std::uint64_t bytes) {
  return count_text(static_cast<std::int64_t>(records)) + " records, " + bytes_text(static_cast<double>(bytes));
}

Result<ExitCode> verify_store(const Arguments& arguments) {
  const Result<cache::Store> store = cache::Store::open(arguments.operands()[0], {.tolerant = true});
  if (!store.ok()) return store.error();
  const cache::Verification found = cache::verify(*store);
  if (arguments.flag("json")) {
    ordered_json lost = ordered_json::array();
    for (const cache::Lost& one : found.lost)
      lost.push_back({{"what", one.what},
                      {"item", one.entry ? ordered_json(one.entry->item) : ordered_json()},
                      {"key", one.entry ? ordered_json(to_hex(one.entry->key)) : ordered_json()}});
    std::cout << dump({{"records", found.records}, {"bytes", found.bytes}, {"lost", lost}});
  } else {
    for (const cache::Lost& one : found.lost) std::cerr << "earshot: error: " << one.what << '\n';
    std::cout << amount_text(found.records, found.bytes) << ": "
              << (found.lost.empty() ? "clean" : count_text(std::ssize(found.lost)) + " damaged or gone") << '\n';
    if (!found.lost.empty()) std::cerr << "`earshot cache evict --damaged` drops them; a run then makes them again\n";
  }
  return found.lost.empty() ? ExitCode::kDone : ExitCode::kFailed;
}

struct Victim {
  cache::Entry entry;
  std::int64_t last_use_s = 0;
};

// Which records go: those that every condition given names, and of them, for a size, the longest unused first.
struct Conditions {
  std::vector<std::string> stages;
  std::int64_t used_before_s = std::numeric_limits<std::int64_t>::max();
  std::optional<std::uint64_t> to_bytes;
};

Result<Conditions> conditions_of(const Arguments& arguments) {
  Conditions conditions;
  for (const Word& word : arguments.all("stage")) conditions.stages.push_back(word.text);
  if (arguments.has("unused-days")) {
    const Result<std::int64_t> days = arguments.number("unused-days", 0, 100000);
    if (!days.ok()) return days.error();
    conditions.used_before_s = std::time(nullptr) - *days * kDay_s;
  }
  if (arguments.has("to-size")) {
    const Result<double> bytes = graph::read_quantity(arguments.text("to-size"), "B");
    if (!bytes.ok() || *bytes < 0)
      return Error{ErrorCode::kInvalidArgument,
                   "--to-size is \"" + arguments.text("to-size") + "\"; a size such as \"20 GiB\" was expected"};
    conditions.to_bytes = static_cast<std::uint64_t>(*bytes);
  }
  if (conditions.stages.empty() && !arguments.has("unused-days") && !conditions.to_bytes && !arguments.flag("damaged"))
    return Error{ErrorCode::kInvalidArgument,
                 "cache evict wants to know what goes: --stage, --unused-days, --to-size or --damaged"};
  return conditions;
}

Result<std::vector<Victim>> victims(const cache::Store& store, const Conditions& conditions) {
  std::map<cache::DescriptionId, bool> wanted;
  const auto descriptions = store.descriptions();
  if (!descriptions.ok()) return descriptions.error();
  for (const auto& [id, description] : *descriptions)
    wanted[id] = conditions.stages.empty() || std::ranges::count(conditions.stages, description.stage) > 0;
  std::vector<Victim> found;
  std::uint64_t bytes = 0;
  const Status visited = store.for_each([&](const cache::Entry& entry) {
    bytes += entry.bytes;
    const std::int64_t last_use_s = store.last_use_s(entry);
    if (wanted[entry.description] && last_use_s <= conditions.used_before_s) found.push_back({entry, last_use_s});
    return Status{};
  });
  if (!visited.ok()) return visited.error();
  if (!conditions.to_bytes) return found;
  // What was written together goes together: whole tables are dropped, and little is written anew.
  std::ranges::sort(found, {}, [](const Victim& one) {
    return std::tie(one.last_use_s, one.entry.written_s, one.entry.member, one.entry.ordinal);
  });
  std::size_t count = 0;
  for (; count < found.size() && bytes > *conditions.to_bytes; ++count) bytes -= found[count].entry.bytes;
  found.resize(count);
  return found;
}

std::vector<Victim> damaged_records(const cache::Store& store) {
  std::vector<Victim> found;
  for (cache::Lost& one : cache::verify(store).lost)
    if (one.entry) found.push_back({*std::move(one.entry)});
  return found;
}

std::string evict_text(const cache::Store& store, const std::vector<Victim>& found, bool done) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> stages;  // records and bytes
  std::uint64_t bytes = 0;
  for (const Victim& one : found) {
    const auto description = store.description(one.entry.description);
    auto& [stage_records, stage_bytes] = stages[description.ok() && *description ? (*description)->stage : "?"];
    ++stage_records;
    stage_bytes += one.entry.bytes;
    bytes += one.entry.bytes;
  }
  Table table({Align::kLeft, Align::kRight, Align::kRight});
  for (const auto& [stage, amount] : stages)
    table.add(
        {stage, count_text(static_cast<std::int64_t>(amount.first)), bytes_text(static_cast<double>(amount.second))});
  return table.text() + amount_text(found.size(), bytes) + (done ? " evicted\n" : " would go; --yes evicts them\n");
}

std::string evict_json(const std::vector<Victim>& found, bool done) {
  ordered_json records = ordered_json::array();
  for (const Victim& one : found)
    records.push_back({{"key", to_hex(one.entry.key)}, {"item", one.entry.item}, {"bytes", one.entry.bytes}});
  return dump({{"evicted", done}, {"records", records}});
}

// Each store of the folder by itself: one is written at a time.
Status erase_from(const fs::path& folder, const std::vector<Victim>& found, std::size_t member, bool tolerant) {
  std::vector<cache::ContentKey> keys;
  for (const Victim& one : found)
    if (one.entry.member == member) keys.push_back(one.entry.key);
  if (keys.empty() && !tolerant) return {};
  Result<cache::Store> store = cache::Store::open(folder, {.mode = cache::Mode::kWrite, .tolerant = tolerant});
  return store.ok() ? cache::erase(*store, keys) : store.error();
}

Result<ExitCode> evict(const Arguments& arguments) {
  const Result<Conditions> conditions = conditions_of(arguments);
  if (!conditions.ok()) return conditions.error();
  const bool damaged = arguments.flag("damaged");
  Result<cache::Store> opened = cache::Store::open(arguments.operands()[0], {.tolerant = damaged});
  if (!opened.ok()) return opened.error();
  std::optional<cache::Store> store = *std::move(opened);
  const Result<std::vector<Victim>> found = damaged ? damaged_records(*store) : victims(*store, *conditions);
  if (!found.ok()) return found.error();
  const bool done = arguments.flag("yes");
  const std::string report = arguments.flag("json") ? evict_json(*found, done) : evict_text(*store, *found, done);
  const std::vector<fs::path> members = store->members();
  store.reset();  // tables that are mapped take their room until they are not
  for (std::size_t m = 0; done && m < members.size(); ++m)
    if (const Status erased = erase_from(members[m], *found, m, damaged); !erased.ok()) return erased.error();
  std::cout << report;
  return ExitCode::kDone;
}

// The stores to be merged: those named, or the shards of the folder.
std::vector<fs::path> sources_of(const Arguments& arguments) {
  std::vector<fs::path> sources(arguments.operands().begin() + 1, arguments.operands().end());
  if (!sources.empty()) return sources;
  const fs::path folder = arguments.operands()[0];
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().filename().string().starts_with("shard-")) sources.push_back(at->path());
  std::ranges::sort(sources);
  return sources;
}

Result<ExitCode> merge(const Arguments& arguments) {
  const fs::path folder = arguments.operands()[0];
  const std::vector<fs::path> sources = sources_of(arguments);
  if (sources.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "'" + folder.string() + "' has no shard-*; name the stores to move into it"};
  for (const fs::path& source : sources) {
    std::error_code failure;
    if (fs::equivalent(folder, source, failure))
      return Error{ErrorCode::kInvalidArgument, "'" + source.string() + "' cannot be merged into itself"};
    if (!fs::exists(source / "format", failure))
      return Error{ErrorCode::kInvalidArgument, "'" + source.string() + "' is no store"};
  }
  cache::Merged all;
  for (const fs::path& source : sources) {
    Result<cache::Store> store = cache::Store::open(folder, {.mode = cache::Mode::kWrite});
    if (!store.ok()) return store.error();
    const Result<cache::Merged> merged = cache::merge(*store, source);
    if (!merged.ok()) return merged.error();
    all.records += merged->records;
    all.bytes += merged->bytes;
    all.twice += merged->twice;
    all.differing.insert(all.differing.end(), merged->differing.begin(), merged->differing.end());
  }
  if (arguments.flag("json")) {
    ordered_json differing = ordered_json::array();
    for (const cache::Entry& entry : all.differing)
      differing.push_back({{"key", to_hex(entry.key)}, {"item", entry.item}, {"machine", entry.machine}});
    std::cout << dump({{"records", all.records}, {"bytes", all.bytes}, {"twice", all.twice}, {"differing", differing}});
    return ExitCode::kDone;
  }
  for (const cache::Entry& entry : all.differing)
    std::cerr << "warning: record " << to_hex(entry.key) << " of '" << entry.item
              << "' was there with another value, which stays\n";
  std::cout << amount_text(all.records, all.bytes) << " moved; " << count_text(static_cast<std::int64_t>(all.twice))
            << " were met twice, " << count_text(std::ssize(all.differing)) << " of them differing\n";
  return ExitCode::kDone;
}

void declare_evict(po::options_description& options) {
  declare_json(options);
  options.add_options()                                                                                               //
      ("stage", po::value<std::vector<std::string>>()->value_name("NAME"), "records of this stage; may be repeated")  //
      ("unused-days", po::value<std::int64_t>()->value_name("N"), "records that were not read for N days")            //
      ("to-size", po::value<std::string>()->value_name("SIZE"),
       "until \"20 GiB\" are left, the longest unused first")                        //
      ("damaged", po::bool_switch(), "records that `verify` finds damaged or gone")  //
      ("yes", po::bool_switch(), "evict them; without it they are only listed");
}

}  // namespace

constinit const Command kCacheVerify = {.name = "cache verify",
                                        .operands = "STORE",
                                        .min_operands = 1,
                                        .max_operands = 1,
                                        .sentence = "reads everything in a store and names what is damaged or gone",
                                        .declare = declare_json,
                                        .run = verify_store};

constinit const Command kCacheEvict = {.name = "cache evict",
                                       .operands = "STORE",
                                       .min_operands = 1,
                                       .max_operands = 1,
                                       .sentence = "drops records by stage, age or size; lists them first",
                                       .declare = declare_evict,
                                       .run = evict};

constinit const Command kCacheMerge = {.name = "cache merge",
                                       .operands = "STORE [FROM...]",
                                       .min_operands = 1,
                                       .max_operands = kAnyNumber,
                                       .sentence = "moves stores, or a folder's shards, into one",
                                       .declare = declare_json,
                                       .run = merge};

}  // namespace earshot::tools
