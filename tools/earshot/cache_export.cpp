// earshot cache export and hash: records as files for other programs, and sums that travel with the data.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <map>
#include <string_view>
#include <system_error>
#include <tuple>

#include <nlohmann/json.hpp>

#include "command.h"
#include "earshot/contract/npy.h"
#include "earshot/pipeline/cache/content_table.h"
#include "earshot/pipeline/cache/packing.h"
#include "earshot/pipeline/cache/store.h"
#include "files.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;
namespace po = boost::program_options;

std::string printed(const char* format, unsigned long long number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

// A folder for each way in which a stage made records: "logmel", or "logmel-1f3a..." where there are several.
Result<std::map<cache::DescriptionId, std::string>> folder_names(const cache::Store& store) {
  const auto descriptions = store.descriptions();
  if (!descriptions.ok()) return descriptions.error();
  std::map<std::string, int> ways;
  for (const auto& [id, description] : *descriptions) ++ways[description.stage];
  std::map<cache::DescriptionId, std::string> names;
  for (const auto& [id, description] : *descriptions)
    names[id] = description.stage + (ways[description.stage] > 1 ? printed("-%016llx", id) : "");
  return names;
}

// Entries that are to lie in one folder, in an order that depends on nothing but what they are.
Result<std::map<std::string, std::vector<cache::Entry>>> sorted_entries(const cache::Store& store) {
  const auto names = folder_names(store);
  if (!names.ok()) return names.error();
  std::map<std::string, std::vector<cache::Entry>> folders;
  const Status visited = store.for_each([&](const cache::Entry& entry) {
    const auto name = names->find(entry.description);
    folders[name == names->end() ? "unknown" : name->second].push_back(entry);
    return Status{};
  });
  if (!visited.ok()) return visited.error();
  for (auto& [name, entries] : folders)
    std::ranges::sort(entries, [](const cache::Entry& a, const cache::Entry& b) {
      return std::tie(a.item, a.content, a.key) < std::tie(b.item, b.content, b.key);
    });
  return folders;
}

Status export_folder(const cache::Store& store, const std::vector<cache::Entry>& entries, const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return Error{ErrorCode::kIo, "cannot make '" + folder.string() + "': " + failure.message()};
  std::string ids;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Result<cache::Value> value = store.read(entries[i]);
    if (!value.ok()) return value.error();
    const Result<Record> record = cache::unpack(value->bytes());
    if (!record.ok()) return record.error();
    if (Status written = write_file(folder / printed("%08llu.npy", i), to_npy(*record)); !written.ok()) return written;
    ids += entries[i].item + "\n";
  }
  return write_file(folder / "ids.txt", std::as_bytes(std::span(ids)));
}

Result<ExitCode> export_store(const Arguments& arguments) {
  const fs::path out = arguments.text("out");
  if (out.empty()) return Error{ErrorCode::kInvalidArgument, "cache export wants --out DIR"};
  std::error_code failure;
  if (fs::exists(out, failure) && !fs::is_empty(out, failure))
    return Error{ErrorCode::kInvalidArgument, "'" + out.string() + "' is not empty; give another --out"};
  const Result<cache::Store> store = cache::Store::open(arguments.operands()[0]);
  if (!store.ok()) return store.error();
  const auto folders = sorted_entries(*store);
  if (!folders.ok()) return folders.error();
  ordered_json json = ordered_json::array();
  for (const auto& [name, entries] : *folders) {
    if (const Status exported = export_folder(*store, entries, out / name); !exported.ok()) return exported.error();
    json.push_back({{"folder", name}, {"records", entries.size()}});
    if (!arguments.flag("json"))
      std::cout << (out / name).string() << ": " << count_text(std::ssize(entries)) << " records\n";
  }
  if (arguments.flag("json")) std::cout << ordered_json({{"folders", json}}).dump(2) << "\n";
  return ExitCode::kDone;
}

Result<ExitCode> hash_folder(const Arguments& arguments) {
  const std::string& folder = arguments.operands()[0];
  const Result<cache::Sums> sums = cache::write_sums(folder);
  if (!sums.ok()) return sums.error();
  if (arguments.flag("json"))
    std::cout << ordered_json({{"files", sums->files}, {"bytes", sums->bytes}}).dump(2) << "\n";
  else
    std::cout << count_text(sums->files) << " files, " << bytes_text(static_cast<double>(sums->bytes)) << ": "
              << (fs::path(folder) / cache::kSumsFile).string() << "\n";
  return ExitCode::kDone;
}

void declare_export(po::options_description& options) {
  declare_json(options);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "an empty folder, made where it is not there");
}

}  // namespace

constinit const Command kCacheExport = {.name = "cache export",
                                        .operands = "STORE",
                                        .min_operands = 1,
                                        .max_operands = 1,
                                        .sentence = "writes every record as .npy, in a folder a stage, with ids.txt",
                                        .declare = declare_export,
                                        .run = export_store};

constinit const Command kCacheHash = {.name = "cache hash",
                                      .operands = "DIR",
                                      .min_operands = 1,
                                      .max_operands = 1,
                                      .sentence = "hashes a folder of recordings once; the sums travel with it",
                                      .declare = declare_json,
                                      .run = hash_folder};

}  // namespace earshot::tools
