#include "look.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "earshot/pipeline/cache/key.h"
#include "earshot/pipeline/cache/packing.h"
#include "stamps.h"

namespace earshot::run {
namespace {

constexpr std::int64_t kPackedHeaderBytes = 128;  // of a record in a store, about
constexpr std::size_t kNamedChanges = 3;

// Content ids by their beginning: "1f3a...".
std::string shortened(const std::string& text) {
  const bool id = text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (text.empty()) return "default";
  return id ? text.substr(0, 4) + "..." : text;
}

// Of two records "a=1 b=2", the names that differ.
std::pair<std::string, std::string> differing(const std::string& before, const std::string& after) {
  const auto words = [](const std::string& text) {
    std::istringstream stream(text);
    return std::set<std::string>(std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>());
  };
  if (before.find('=') == std::string::npos || after.find('=') == std::string::npos) return {before, after};
  const auto without = [](const std::set<std::string>& all, const std::set<std::string>& others) {
    std::string text;
    for (const std::string& word : all)
      if (!others.contains(word)) text += (text.empty() ? "" : " ") + word;
    return text;
  };
  return {without(words(before), words(after)), without(words(after), words(before))};
}

std::string text_of(const cache::ChangedPart& part, const std::string& name) {
  const auto [before, after] = differing(part.before, part.after);
  return name + ": " + shortened(before) + " -> " + shortened(after);
}

bool is_admission_only(const NodePlan& node) {
  return node.description->kind == StageKind::kSource || node.description->header_only;
}

}  // namespace

Look::Look(Topology& topology, const CachedPass& pass, const Speeds* speeds, std::function<Status(int node)> build)
    : topology_(topology), pass_(pass), speeds_(speeds), build_(std::move(build)), nodes_(topology.nodes.size()) {}

void Look::see(std::span<const ItemPtr> items) {
  for (const ItemPtr& item : items)
    if (status_.ok()) see(*item);
}

void Look::see(const ItemEnvelope& item) {
  for (const int index : topology_.regions[static_cast<std::size_t>(item.region)].nodes) {
    const NodePlan& node = topology_.nodes[static_cast<std::size_t>(index)];
    NodeLook& look = nodes_[static_cast<std::size_t>(index)];
    ++look.items;
    const Stamp stamp = item.stamps == nullptr ? Stamp::kRun : work_of(topology_, *item.stamps, index);
    if (stamp == Stamp::kRead) {
      ++look.reads;
      for (const Kept* kept : item.stamps->of_node(index))
        if (kept->place) look.value_bytes_read += static_cast<std::int64_t>(kept->place->bytes);
    }
    if (stamp != Stamp::kRun) continue;
    ++look.runs;
    if (item.stamps != nullptr && item.stamps->unknown) ++look.unknown_runs;
    ++look.reasons[reason(node, item)];
    look.bytes_read += bytes_to_read(node, item);
    if (node.resolved->cache) add_bytes_to_write(node, item);
  }
}

std::string Look::reason(const NodePlan& node, const ItemEnvelope& item) {
  if (item.failed() || (item.parent != nullptr && item.parent->failed())) return "cannot be opened";
  if (item.stamps == nullptr) return "not cached";
  if (!node.resolved->cache) {
    const NodePlan* const asking = asked_for_by(node, item);
    return asking == nullptr ? "not cached" : "asked for by " + asking->resolved->name;
  }
  if (item.stamps->unknown) return item.stamps->changed ? "touched or changed, not hashed anew" : "new, not hashed";
  const cache::Store* const store = pass_.keeper().store();
  if (store == nullptr) return "never computed";
  const Result<std::optional<cache::Entry>> latest = store->latest(node.resolved->name, item.header.id);
  if (!latest.ok()) {
    status_ = latest.error();
    return "";
  }
  return *latest ? changed_since(node, **latest) : "never computed";
}

std::string Look::changed_since(const NodePlan& node, const cache::Entry& latest) {
  const std::pair key(node.index, latest.description);
  if (const auto known = changes_.find(key); known != changes_.end()) return known->second;
  const Result<std::optional<cache::Description>> before = pass_.keeper().store()->description(latest.description);
  if (!before.ok()) status_ = before.error();
  if (!before.ok() || !*before) return changes_[key] = "never computed";
  const cache::Description& now = pass_.recipe(node.index).description;
  std::vector<cache::ChangedPart> parts = cache::changed_parts(**before, now);
  // Facts follow from something else, where something else has changed.
  const auto is_fact = [](const cache::ChangedPart& part) { return part.name.find(".fact ") != std::string::npos; };
  if (!std::ranges::all_of(parts, is_fact)) std::erase_if(parts, is_fact);
  std::string own;
  std::string others;
  std::size_t count = 0;
  for (const cache::ChangedPart& part : parts) {
    if (++count > kNamedChanges) continue;
    const std::size_t dot = part.name.find('.');
    const bool mine = part.name.substr(0, dot) == now.stage;
    std::string& text = mine ? own : others;
    text += (text.empty() ? "" : ", ") + text_of(part, mine ? part.name.substr(dot + 1) : part.name);
  }
  std::string text = own + (own.empty() || others.empty() ? "" : ", ") + (others.empty() ? "" : "behind " + others);
  if (count > kNamedChanges) text += " and " + std::to_string(count - kNamedChanges) + " more";
  return changes_[key] = count == 0 ? "file changed" : text;
}

const NodePlan* Look::asked_for_by(const NodePlan& node, const ItemEnvelope& item) const {
  for (const int successor : node.successors) {
    const NodePlan& next = topology_.nodes[static_cast<std::size_t>(successor)];
    if (work_of(topology_, *item.stamps, successor) != Stamp::kRun) continue;
    if (next.resolved->cache) return &next;
    if (const NodePlan* const behind = asked_for_by(next, item)) return behind;
  }
  return nullptr;
}

std::int64_t Look::bytes_to_read(const NodePlan& node, const ItemEnvelope& item) const {
  if (item.stamps == nullptr || is_admission_only(node)) return 0;
  std::int64_t bytes = 0;
  for (const InputSlot& input : node.inputs) {
    const NodePlan& from = topology_.nodes[static_cast<std::size_t>(input.from_node)];
    if (is_admission_only(from)) {
      const std::optional<Part> part = item.peek(input.slot) == nullptr ? std::nullopt : item.peek(input.slot)->part();
      const bool some = part && part->range.length_ms && part->whole_ms > 0;
      const std::int64_t whole = file_bytes(input, item);
      bytes += some ? whole * std::min(*part->range.length_ms, part->whole_ms) / part->whole_ms : whole;
    } else if (work_of(topology_, *item.stamps, from.index) == Stamp::kRead) {
      for (const Kept* kept : item.stamps->of_node(from.index))
        if (kept->place) bytes += static_cast<std::int64_t>(kept->place->bytes);
    }
  }
  return bytes;
}

std::int64_t Look::file_bytes(const InputSlot& input, const ItemEnvelope& item) const {
  const InputSlot* at = &input;
  const NodePlan* from = &topology_.nodes[static_cast<std::size_t>(at->from_node)];
  for (; from->description->header_only && !from->inputs.empty();
       from = &topology_.nodes[static_cast<std::size_t>(at->from_node)])
    at = &from->inputs.front();
  const auto slot = std::ranges::find(from->output_slots, at->slot);
  const auto file = item.stamps->files.find(static_cast<int>(slot - from->output_slots.begin()));
  return file == item.stamps->files.end() ? 0 : file->second;
}

void Look::add_bytes_to_write(const NodePlan& node, const ItemEnvelope& item) {
  NodeLook& look = nodes_[static_cast<std::size_t>(node.index)];
  const std::vector<const Kept*> kept = item.stamps->of_node(node.index);
  std::int64_t values = std::ranges::count_if(kept, [](const Kept* one) { return !one->there(); });
  if (kept.empty() && !pass_.recipe(node.index).ranged) values = std::ssize(node.description->outputs);
  if (kept.empty() && pass_.recipe(node.index).ranged) {
    const PayloadPtr sound = pass_.sound_of(node, item);
    const std::optional<Part> part = sound == nullptr ? std::nullopt : sound->part();
    if (part) values = (part->range.length_ms.value_or(part->whole_ms) + kSegment_ms - 1) / kSegment_ms;
    look.writes_more = look.writes_more || !part;
  }
  const std::optional<std::int64_t> bytes = value_bytes(node, item);
  look.writes_more = look.writes_more || !bytes;
  if (!bytes) return;
  look.bytes_written += values * *bytes;
  look.values_written += values;
}

std::optional<std::int64_t> Look::value_bytes(const NodePlan& node, const ItemEnvelope& item) {
  if (item.failed()) return 0;
  // A record that was not opened may have any number of parts.
  if (item.stamps->unknown && item.parent != nullptr && item.header.id.ends_with("#dead")) return std::nullopt;
  const StageSpeed* const speed =
      speeds_ == nullptr ? nullptr : speeds_->find(node.resolved->name, node.resolved->plugin);
  if (speed != nullptr && speed->value_bytes > 0 && speed->form == pass_.form(node.index))
    return static_cast<std::int64_t>(speed->value_bytes);
  const std::optional<Footprint> made = footprint(node, item, pass_.recipe(node.index).ranged);
  if (!made) return std::nullopt;
  const bool halved = pass_.kept_port(node.index, 0)->form != cache::Form::kExact;
  return (halved ? made->bytes / 2 : made->bytes) + kPackedHeaderBytes;
}

std::optional<Footprint> Look::footprint(const NodePlan& node, const ItemEnvelope& item, bool segment) {
  if (node.inputs.empty()) return std::nullopt;
  const InputSlot& input = node.inputs.front();
  const NodePlan& from = topology_.nodes[static_cast<std::size_t>(input.from_node)];
  std::optional<Footprint> before;
  if (is_admission_only(from) || from.description->kind == StageKind::kExpand) {
    PayloadPtr payload = item.peek(input.slot);
    if (payload != nullptr && segment) payload = payload->with_part({.start_ms = 0, .length_ms = kSegment_ms});
    if (payload != nullptr) before = payload->footprint();
  } else {
    before = footprint(from, item, segment);
  }
  if (!before) return std::nullopt;
  if (node.instance == nullptr)
    if (Status built = build_(node.index); !built.ok()) {
      status_ = std::move(built);
      return std::nullopt;
    }
  return node.instance->footprint(*before);
}

}  // namespace earshot::run
