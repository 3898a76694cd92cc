// earshot cache ls and explain: what a store holds, and what an item's keys were made of.
#include <algorithm>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "cache_stores.h"
#include "command.h"
#include "earshot/pipeline/cache/key.h"
#include "earshot/pipeline/cache/store.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json json_of(const cache::Description& description) {
  ordered_json parts = ordered_json::object();
  for (const auto& [name, value] : description.parts) parts[name] = value;
  return parts;
}

// The records of one description.
struct Listed {
  cache::Description description;
  std::int64_t records = 0;
  std::uint64_t bytes = 0;
  std::int64_t written_s = 0;
  std::int64_t last_use_s = 0;
};

Result<std::vector<Listed>> list(const cache::Store& store) {
  const auto descriptions = store.descriptions();
  if (!descriptions.ok()) return descriptions.error();
  std::map<cache::DescriptionId, Listed> listed;
  for (const auto& [id, description] : *descriptions) listed[id].description = description;
  const Status visited = store.for_each([&](const cache::Entry& entry) {
    Listed& one = listed[entry.description];
    ++one.records;
    one.bytes += entry.bytes;
    one.written_s = std::max(one.written_s, entry.written_s);
    one.last_use_s = std::max(one.last_use_s, store.last_use_s(entry));
    return Status{};
  });
  if (!visited.ok()) return visited.error();
  std::vector<Listed> rows;
  for (auto& [id, one] : listed)
    if (one.records > 0) rows.push_back(std::move(one));
  std::ranges::sort(rows, [](const Listed& a, const Listed& b) {
    return std::tie(a.description.stage, a.written_s, a.description.parts) <
           std::tie(b.description.stage, b.written_s, b.description.parts);
  });
  return rows;
}

// What tells a row from others of its stage, and the stage's own options: the rest is the business of `explain`.
std::string made_with(const Listed& row, std::span<const Listed> rows) {
  const auto differs = [&](const auto& part) {
    return std::ranges::any_of(rows, [&](const Listed& other) {
      return other.description.stage == row.description.stage &&
             std::ranges::find(other.description.parts, part) == other.description.parts.end();
    });
  };
  const std::string own = row.description.stage + ".";
  cache::Description told;
  for (const auto& part : row.description.parts) {
    const bool mine = part.first.starts_with(own) || part.first.find('.') == std::string::npos;
    const bool fact = part.first.find("fact ") != std::string::npos;
    if ((mine && !fact) || differs(part))
      told.parts.emplace_back(mine && part.first.starts_with(own) ? part.first.substr(own.size()) : part.first,
                              part.second);
  }
  return parts_text(told);
}

std::string list_text(const std::vector<Listed>& rows) {
  Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft, Align::kLeft, Align::kLeft});
  table.add({"stage", "records", "bytes", "written", "last used", "made with"});
  for (const Listed& row : rows)
    table.add({row.description.stage, count_text(row.records), bytes_text(static_cast<double>(row.bytes)),
               time_text(row.written_s), time_text(row.last_use_s), made_with(row, rows)});
  return table.text();
}

std::string list_json(const std::vector<Listed>& rows) {
  ordered_json json = ordered_json::array();
  for (const Listed& row : rows)
    json.push_back({{"stage", row.description.stage},
                    {"parts", json_of(row.description)},
                    {"records", row.records},
                    {"bytes", row.bytes},
                    {"written", row.written_s},
                    {"last_used", row.last_use_s}});
  return dump({{"stages", json}});
}

Result<ExitCode> list_store(const Arguments& arguments) {
  const Result<cache::Store> store = cache::Store::open(arguments.operands()[0]);
  if (!store.ok()) return store.error();
  const Result<std::vector<Listed>> rows = list(*store);
  if (!rows.ok()) return rows.error();
  std::cout << (arguments.flag("json") ? list_json(*rows) : list_text(*rows));
  return ExitCode::kDone;
}

// A record of an item, and the one before it at the same stage.
struct Explained {
  cache::Entry entry;
  cache::Description description;
  std::optional<cache::Entry> before;
  std::vector<cache::ChangedPart> changed;  // since then; what is the record's own is called "content"
};

// Those of the item, and of its parts ("ITEM#w0"); by stage, item and time.
Result<std::vector<Explained>> explain(const cache::Store& store, const std::string& item) {
  std::vector<Explained> records;
  const Status visited = store.for_each([&](const cache::Entry& entry) -> Status {
    if (entry.item != item && !entry.item.starts_with(item + "#")) return {};
    Result<std::optional<cache::Description>> description = store.description(entry.description);
    if (!description.ok()) return description.error();
    records.push_back({.entry = entry, .description = description->value_or(cache::Description{"?", {}})});
    return {};
  });
  if (!visited.ok()) return visited.error();
  std::ranges::sort(records, [](const Explained& a, const Explained& b) {
    return std::tie(a.description.stage, a.entry.item, a.entry.written_s, a.entry.ordinal) <
           std::tie(b.description.stage, b.entry.item, b.entry.written_s, b.entry.ordinal);
  });
  for (std::size_t i = 1; i < records.size(); ++i) {
    const Explained& before = records[i - 1];
    if (before.description.stage != records[i].description.stage || before.entry.item != records[i].entry.item)
      continue;
    records[i].before = before.entry;
    records[i].changed = cache::changed_parts(before.description, records[i].description);
    if (before.entry.content != records[i].entry.content)
      records[i].changed.push_back({"content", before.entry.content, records[i].entry.content});
  }
  return records;
}

std::string explain_text(const std::vector<Explained>& records) {
  std::string text;
  for (const Explained& record : records) {
    text += record.description.stage + "  " + record.entry.item + "  " + to_hex(record.entry.key) + "\n";
    Table table({Align::kLeft, Align::kLeft, Align::kLeft});
    table.add({"written", time_text(record.entry.written_s)});
    table.add({"bytes", bytes_text(static_cast<double>(record.entry.bytes))});
    if (!record.entry.machine.empty()) table.add({"machine", record.entry.machine});
    table.add({"content", record.entry.content});
    for (const auto& [name, value] : record.description.parts) table.add({name, value});
    for (const cache::ChangedPart& part : record.changed)
      table.add({"changed", part.name, part.before + " -> " + part.after});
    text += table.text(2);
  }
  return text;
}

std::string explain_json(const std::vector<Explained>& records) {
  ordered_json json = ordered_json::array();
  for (const Explained& record : records) {
    ordered_json changed = ordered_json::array();
    for (const cache::ChangedPart& part : record.changed)
      changed.push_back({{"part", part.name}, {"before", part.before}, {"after", part.after}});
    json.push_back({{"stage", record.description.stage},
                    {"item", record.entry.item},
                    {"key", to_hex(record.entry.key)},
                    {"content", record.entry.content},
                    {"parts", json_of(record.description)},
                    {"machine", record.entry.machine},
                    {"bytes", record.entry.bytes},
                    {"written", record.entry.written_s},
                    {"before", record.before ? ordered_json(to_hex(record.before->key)) : ordered_json()},
                    {"changed", changed}});
  }
  return dump({{"records", json}});
}

Result<ExitCode> explain_item(const Arguments& arguments) {
  const std::string& folder = arguments.operands()[0];
  const std::string& item = arguments.operands()[1];
  const Result<cache::Store> store = cache::Store::open(folder);
  if (!store.ok()) return store.error();
  const Result<std::vector<Explained>> records = explain(*store, item);
  if (!records.ok()) return records.error();
  if (records->empty()) return Error{ErrorCode::kNotFound, "'" + folder + "' has no record of an item '" + item + "'"};
  std::cout << (arguments.flag("json") ? explain_json(*records) : explain_text(*records));
  return ExitCode::kDone;
}

}  // namespace

constinit const Command kCacheLs = {.name = "cache ls",
                                    .operands = "STORE",
                                    .min_operands = 1,
                                    .max_operands = 1,
                                    .sentence = "lists what a store holds, by stage and how it was made",
                                    .declare = declare_json,
                                    .run = list_store};

constinit const Command kCacheExplain = {.name = "cache explain",
                                         .operands = "STORE ITEM",
                                         .min_operands = 2,
                                         .max_operands = 2,
                                         .sentence = "says what an item's keys were made of, and what changed in them",
                                         .declare = declare_json,
                                         .run = explain_item};

}  // namespace earshot::tools
