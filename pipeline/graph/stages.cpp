#include "stages.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/graph/quantity.h"
#include "keys.h"
#include "options.h"

namespace earshot::graph {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostStages = 1000;

const std::vector<std::string>& precisions() {
  static const std::vector<std::string> kNames = {"fp32", "bf16", "fp16"};
  return kNames;
}

const std::vector<std::string>& policies() {
  static const std::vector<std::string> kNames = {"fail", "skip", "quarantine"};
  return kNames;
}

// "cpu", "cuda" or "cuda:N", N from 0 to 99.
bool is_device(std::string_view text) {
  constexpr std::string_view kNumbered = "cuda:";
  if (text == "cpu" || text == "cuda") return true;
  if (!text.starts_with(kNumbered)) return false;
  text.remove_prefix(kNumbered.size());
  const bool plain = text.size() == 1 || (text.size() == 2 && text[0] != '0');
  return plain && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The part that holds `plugin`, as --use takes it: the first base/*/PLUGIN.toml.
std::string part_with(const std::string& plugin, const std::vector<fs::path>& folders) {
  std::error_code failure;
  std::vector<std::string> found;
  for (const fs::path& folder : folders)
    for (fs::directory_iterator i(folder, failure), end; !failure && i != end; i.increment(failure))
      if (fs::is_regular_file(i->path() / (plugin + ".toml"), failure))
        found.push_back(i->path().filename().string() + "/" + plugin);
  return found.empty() ? std::string() : *std::min_element(found.begin(), found.end());
}

class StageReader {
 public:
  StageReader(const Entry& entry, const Plugins& plugins, const std::vector<fs::path>& parts, Findings& findings)
      : table_(*entry.value.table()),
        what_("stage \"" + entry.name + "\""),
        known_(reserved_stage_keys()),
        plugins_(plugins),
        parts_(parts),
        findings_(findings) {
    stage_.resolved.name = entry.name;
    stage_.header = entry.value.key;
    stage_.resolved.origin = entry.value.key.origin;
    stage_.plugin = entry.value.key;
  }

  DraftStage read() {
    find_plugin();
    const Table reserved = reserved_part();
    const Reader reader(reserved, what_, known_, findings_);
    read_flags(reader);
    read_on_error(reader);
    read_groups(reader);
    if (stage_.description != nullptr) read_options();
    return std::move(stage_);
  }

 private:
  void find_plugin() {
    const Value* const plugin = table_.find("plugin");
    if (plugin == nullptr) {
      findings_.error(stage_.header, what_ + " names no plugin", "expected plugin = \"...\"");
      return;
    }
    stage_.plugin = plugin->where;
    if (plugin->text() == nullptr) return;  // reported with the other reserved keys
    stage_.resolved.plugin = *plugin->text();
    stage_.description = plugins_.find(stage_.resolved.plugin);
    if (stage_.description != nullptr) stage_.resolved.description = *stage_.description;
  }

  [[nodiscard]] Table reserved_part() const {
    Table out;
    for (const Entry& entry : table_)
      if (is_reserved_stage_key(entry.name)) out.set(entry.name, entry.value);
    return out;
  }

  void read_flags(const Reader& reader) {
    (void)reader.text("plugin");
    stage_.trainable = reader.flag("trainable");
    if (stage_.trainable.value_or(false) && stage_.description != nullptr && !stage_.description->trainable)
      findings_.error(reader.find("trainable")->where,
                      what_ + " cannot be trained: " + stage_.resolved.plugin + " has no parameters");
    read_cache(reader);
    if (reader.flag("bypass").value_or(false)) stage_.bypass = reader.find("bypass")->where;
    read_device(reader);
    const std::optional<std::string> lane = reader.choice("lane", {"compute", "workers"});
    if (!lane || stage_.description == nullptr) return;
    if (*lane == "workers" && stage_.description->compute_lane)
      findings_.error(reader.find("lane")->where,
                      what_ + " cannot run on workers: " + stage_.resolved.plugin + " runs on the compute lane only");
    stage_.resolved.description.compute_lane = *lane == "compute" || stage_.description->compute_lane;
  }

  void read_device(const Reader& reader) {
    stage_.resolved.precision = reader.choice("precision", precisions()).value_or("fp32");
    stage_.resolved.device = reader.text("device").value_or("cpu");
    const bool right = is_device(stage_.resolved.device);
    if (!right) reader.wrong("device", "cpu, cuda or cuda:N");
    if (stage_.description == nullptr || stage_.description->any_device) return;
    if (right && stage_.resolved.device != "cpu") no_network(reader, "device", "on the CPU");
    if (stage_.resolved.precision != "fp32") no_network(reader, "precision", "in fp32");
  }

  void no_network(const Reader& reader, const std::string& key, const std::string& how) {
    findings_.error(
        reader.find(key)->where,
        what_ + " computes " + how + ": " + stage_.resolved.plugin + " is no network that could do otherwise",
        "only an encoder or a projection has a " + key);
  }

  void read_cache(const Reader& reader) {
    const Value* const cache = reader.find("cache");
    if (cache == nullptr) return;
    stage_.cache = cache->where;
    if (const bool* const flag = std::get_if<bool>(&cache->content)) {
      stage_.resolved.cache = *flag;
      return;
    }
    const std::string* const form = cache->text();
    if (form == nullptr || (*form != "fp16" && *form != "pcm16" && *form != "flac"))
      return reader.wrong("cache", "true, false, or how values are kept: \"fp16\", \"pcm16\", \"flac\"");
    stage_.resolved.cache = true;
    stage_.resolved.cache_form = *form;
  }

  void read_on_error(const Reader& reader) {
    const Table* const table = reader.table("on_error");
    if (table == nullptr) return;
    const Reader inner(*table, "on_error of " + what_, {"policy", "budget"}, findings_);
    const std::string policy = inner.choice("policy", policies()).value_or("fail");
    OnError& out = stage_.resolved.on_error;
    out.policy = policy == "skip"         ? FailurePolicy::kSkip
                 : policy == "quarantine" ? FailurePolicy::kQuarantine
                                          : FailurePolicy::kFail;
    const Value* const budget = inner.find("budget");
    if (budget == nullptr) return;
    if (const auto* const items = std::get_if<std::int64_t>(&budget->content); items != nullptr && *items >= 0) {
      out.budget_items = *items;
      return;
    }
    const Result<double> share = budget->text() == nullptr ? Result<double>(-1.0) : read_quantity(*budget->text(), "");
    if (share.ok() && *share >= 0 && *share <= 1)
      out.budget_share = *share;
    else
      inner.wrong("budget", "a number of items, or a share as in \"1 %\"");
  }

  void read_groups(const Reader& reader) {
    const Array* const groups = reader.array("group");
    if (groups == nullptr) return;
    for (const Value& group : *groups) {
      if (group.table() == nullptr) {
        findings_.error(group.where, "a group of " + what_ + " is " + describe(group),
                        "expected [[stage." + stage_.resolved.name + ".group]]");
        continue;
      }
      const Reader inner(*group.table(), "a group of " + what_, {"match", "lr", "weight_decay", "frozen"}, findings_);
      ResolvedGroup out;
      out.match = inner.text("match").value_or("");
      out.lr = inner.number("lr");
      out.weight_decay = inner.number("weight_decay");
      out.frozen = inner.flag("frozen").value_or(false);
      out.origin = group.where.origin;
      for (const char* key : {"lr", "weight_decay"})
        if (inner.number(key).value_or(0) < 0) inner.wrong(key, "a number of at least 0");
      const Value* const match = inner.find("match");
      if (match == nullptr)
        findings_.error(group.where, "a group of " + what_ + " matches nothing: it has no match",
                        "expected match = \"STAGE/.*\"");
      stage_.group_spans.push_back(match == nullptr ? group.where : match->where);
      stage_.resolved.groups.push_back(std::move(out));
    }
  }

  void read_options() {
    for (const OptionDescription& option : stage_.description->options)
      if (!option.required) stage_.resolved.options[option.name] = option.default_value;
    std::vector<std::string> names;
    for (const OptionDescription& option : stage_.description->options) names.push_back(option.name);
    for (const Entry& entry : table_) {
      if (is_reserved_stage_key(entry.name)) continue;
      const auto option = std::find(names.begin(), names.end(), entry.name);
      if (!entry.value.left_from.empty()) {
        report_left_over(entry);
      } else if (option == names.end()) {
        findings_.error(entry.value.key, "\"" + entry.name + "\" is not an option of " + stage_.resolved.plugin,
                        did_you_mean(entry.name, known_names(names)),
                        {"options: " + listed(names), "every stage has: " + joined(reserved_stage_keys())});
      } else {
        read_given(stage_.description->options[static_cast<std::size_t>(option - names.begin())], entry.value);
      }
    }
    for (const OptionDescription& option : stage_.description->options)
      if (option.required && table_.find(option.name) == nullptr)
        findings_.error(stage_.header, what_ + " needs the option \"" + option.name + "\"",
                        "expected " + option.name + " = " + expected_option(option),
                        {option.name + ": " + option.sentence});
  }

  static std::vector<std::string> known_names(std::vector<std::string> names) {
    names.insert(names.end(), reserved_stage_keys().begin(), reserved_stage_keys().end());
    return names;
  }

  void read_given(const OptionDescription& option, const Value& value) {
    std::optional<OptionValue> read = read_option(option, value, stage_.resolved.plugin, findings_);
    stage_.given[option.name] = value.where;
    stage_.resolved.origins[option.name] = value.where.origin;
    if (read)
      stage_.resolved.options[option.name] = *std::move(read);
    else if (option.required)
      stage_.resolved.options[option.name] = option.default_value;
  }

  void report_left_over(const Entry& entry) {
    const std::string part = part_with(stage_.resolved.plugin, parts_);
    const Origin& place = entry.value.key.origin;
    const std::string where = place.file + ":" + std::to_string(place.line);
    findings_.error(
        stage_.plugin,
        "\"" + entry.name + "\" at " + where + " was written for " + entry.value.left_from + " and is left over",
        part.empty() ? "give " + entry.name + " anew, or write the whole stage as a part"
                     : "to replace the whole stage: --use " + part);
  }

  const Table& table_;
  const std::string what_;
  const std::vector<std::string>& known_;
  const Plugins& plugins_;
  const std::vector<fs::path>& parts_;
  Findings& findings_;
  DraftStage stage_;
};

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

std::vector<DraftStage> read_stages(const Table& tree, const Plugins& plugins, const std::vector<fs::path>& parts,
                                    Findings& findings) {
  std::vector<DraftStage> stages;
  const Table* const section = section_of(tree, "stage", findings);
  if (section == nullptr) return stages;
  if (section->size() > kMostStages) {
    findings.error(tree.find("stage")->where, "the graph has more than " + std::to_string(kMostStages) + " stages");
    return stages;
  }
  for (const Entry& entry : *section) {
    if (entry.value.table() == nullptr) {  // reported; its name is no mistake of the wires
      stages.emplace_back().resolved.name = entry.name;
      continue;
    }
    if (!is_plain_name(entry.name))
      findings.error(entry.value.key, "\"" + entry.name + "\" cannot be the name of a stage",
                     "expected letters, digits, _ and -");
    stages.push_back(StageReader(entry, plugins, parts, findings).read());
  }
  return stages;
}

}  // namespace earshot::graph
