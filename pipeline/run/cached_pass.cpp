#include "cached_pass.h"

#include <algorithm>
#include <utility>

namespace earshot::run {
namespace {

const graph::ResolvedStage& stage_of(const graph::ResolvedGraph& graph, const graph::ResolvedNode& node) {
  return graph.stages[static_cast<std::size_t>(node.stage)];
}

// A folder counts by the checkpoint in it.
cache::FileId file_ids(const Keeper& keeper) {
  return [&keeper](const std::filesystem::path& file) -> Result<std::string> {
    std::filesystem::path whole = file;
    if (std::filesystem::is_directory(whole)) whole /= "checkpoint/final.weights";
    return keeper.contents().of_file(whole.parent_path(), whole.filename());
  };
}

// The port's place among those of its view, by which a view knows it.
std::size_t place_in_view(const PluginDescription& source, int port) {
  const std::string& view = source.outputs[static_cast<std::size_t>(port)].view;
  return static_cast<std::size_t>(std::count_if(source.outputs.begin(), source.outputs.begin() + port,
                                                [&](const PortDescription& one) { return one.view == view; }));
}

}  // namespace

std::vector<bool> spared_nodes(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow) {
  std::vector<bool> spared(flow.nodes.size(), false);
  for (std::size_t node = flow.nodes.size(); node-- > 0;) {
    const graph::ResolvedStage& stage = stage_of(graph, flow.nodes[node]);
    if (stage.description.kind == StageKind::kSource || stage.description.header_only) continue;
    bool any = false;
    bool all = true;
    for (const graph::ResolvedEdge& edge : flow.edges)
      if (edge.from == static_cast<int>(node)) {
        any = true;
        all = all && spared[static_cast<std::size_t>(edge.to)];
      }
    spared[node] = stage.cache || (any && all);
  }
  return spared;
}

Result<std::unique_ptr<CachedPass>> CachedPass::make(Topology& topology, const graph::ResolvedGraph& graph,
                                                     const graph::ResolvedFlow& flow,
                                                     const plugins::Catalogue& catalogue, Keeper& keeper) {
  std::unique_ptr<CachedPass> pass(new CachedPass(topology, keeper));
  if (Status prepared = pass->prepare(graph, flow, catalogue); !prepared.ok()) return prepared.error();
  return pass;
}

Status CachedPass::prepare(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                           const plugins::Catalogue& catalogue) {
  Result<std::vector<cache::Recipe>> recipes = cache::recipes_of(graph, flow, file_ids(keeper_));
  if (!recipes.ok()) return recipes.error();
  recipes_ = *std::move(recipes);
  spared_ = spared_nodes(graph, flow);
  ports_.resize(flow.nodes.size());
  touched_.assign(topology_.regions.size(), false);
  opens_.assign(topology_.regions.size(), false);
  for (const NodePlan& node : topology_.nodes) {
    const graph::ResolvedStage& stage = *node.resolved;
    if (!stage.cache) continue;
    const Result<const PluginEntry*> entry = catalogue.load(stage.plugin);
    if (!entry.ok()) return entry.error();
    cache::Recipe& recipe = recipes_[static_cast<std::size_t>(node.index)];
    const std::vector<PayloadReader>& readers = *(*entry)->readers;
    recipe.ranged = recipe.ranged && recipe.origins.size() == 1 && readers.front().join != nullptr && !node.batch;
    const Result<cache::DescriptionId> description = keeper_.describe(recipe.description);
    if (!description.ok()) return description.error();
    for (const PayloadReader& reader : readers)
      ports_[static_cast<std::size_t>(node.index)].push_back(
          KeptPort{.reader = reader,
                   .form = cache::form_of(stage.cache_form).value_or(cache::Form::kExact),
                   .description = *description,
                   .machine = machine_of(recipe)});
    for (int region = node.region; region >= 0; region = topology_.regions[static_cast<std::size_t>(region)].parent)
      touched_[static_cast<std::size_t>(region)] = true;
    const bool selected = std::ranges::any_of(recipe.origins, [](const cache::Origin& o) { return o.selector >= 0; });
    if (recipe.ranged || selected) opens_[static_cast<std::size_t>(node.region)] = true;
  }
  return {};
}

std::string CachedPass::machine_of(const cache::Recipe& recipe) const {
  if (!recipe.numeric) return {};
  return keeper_.machine() + (recipe.on_gpu ? ", GPU" : "");
}

const KeptPort* CachedPass::kept_port(int node, int port) const {
  const auto& ports = ports_[static_cast<std::size_t>(node)];
  return ports.empty() ? nullptr : &*ports[static_cast<std::size_t>(port)];
}

std::string CachedPass::form(int node) const {
  const cache::Description& description = recipe(node).description;
  const std::string own = description.stage + ".";
  std::string text;
  for (const auto& [name, value] : description.parts)
    if (name.starts_with(own) && name != own + "weights" && name != own + "drawn from")
      text += name.substr(own.size()) + " " + value + "; ";
  return text;
}

Result<std::map<int, std::string>> CachedPass::contents(const View& view, std::int64_t index, int root_node,
                                                        std::map<int, std::int64_t>& files) const {
  std::map<int, std::string> contents;
  const PluginDescription& source = *topology_.nodes[static_cast<std::size_t>(root_node)].description;
  for (std::size_t node = 0; node < recipes_.size(); ++node) {
    if (ports_[node].empty()) continue;
    for (const cache::Origin& origin : recipes_[node].origins) {
      if (origin.source != root_node || contents.contains(origin.port)) continue;
      const std::int64_t before = keeper_.contents().asked().bytes;
      Result<std::string> id = view.content_id(index, place_in_view(source, origin.port));
      files[origin.port] = keeper_.contents().asked().bytes - before;
      if (!id.ok()) return id.error();
      contents[origin.port] = *std::move(id);
    }
  }
  return contents;
}

PayloadPtr CachedPass::sound_of(const NodePlan& node, const ItemEnvelope& item) const {
  const NodePlan* at = &node;
  for (;;) {
    const InputSlot& input = at->inputs.front();
    const NodePlan& from = topology_.nodes[static_cast<std::size_t>(input.from_node)];
    const StageKind kind = from.description->kind;
    if (kind == StageKind::kSource || from.description->header_only) return item.peek(input.slot);
    at = &from;
  }
}

// Content ids and ranges of all that a value is computed from; nothing where a payload does not say its range.
std::optional<std::string> CachedPass::contents_of(const cache::Recipe& recipe, const ItemEnvelope& item) const {
  std::string text;
  for (const cache::Origin& origin : recipe.origins) {
    const auto content = item.stamps->contents.find(origin.port);
    if (content == item.stamps->contents.end()) return std::nullopt;
    std::optional<TimeRange> range;
    if (origin.selector >= 0) {
      const PayloadPtr& chosen =
          item.peek(topology_.nodes[static_cast<std::size_t>(origin.selector)].output_slots.front());
      const std::optional<Part> part = chosen == nullptr ? std::nullopt : chosen->part();
      if (!part) return std::nullopt;
      range = part->range;
    }
    text += (text.empty() ? "" : ", ") + cache::contents_text(content->second, range);
  }
  if (recipe.children) text += item.header.id.substr(item.header.id.rfind('#'));
  return text;
}

void CachedPass::add_keys(const NodePlan& node, ItemEnvelope& item) const {
  const cache::Recipe& recipe = recipes_[static_cast<std::size_t>(node.index)];
  ItemStamps& stamps = *item.stamps;
  const auto add = [&](std::size_t port, std::int64_t segment, std::string contents) {
    Kept kept{.node = node.index, .port = static_cast<int>(port), .segment = segment};
    kept.key = cache::key_of(recipe, node.description->outputs[port].name, contents);
    kept.contents = std::move(contents);
    stamps.kept.push_back(std::move(kept));
  };
  if (!recipe.ranged) {
    const std::optional<std::string> contents = contents_of(recipe, item);
    if (!contents) return;
    for (std::size_t port = 0; port < node.description->outputs.size(); ++port) add(port, -1, *contents);
    return;
  }
  const PayloadPtr sound = sound_of(node, item);
  const std::optional<Part> part = sound == nullptr ? std::nullopt : sound->part();
  const auto content = stamps.contents.find(recipe.origins.front().port);
  if (!part || content == stamps.contents.end()) return;
  const std::int64_t last_ms = std::max<std::int64_t>(0, part->whole_ms - 1);
  const std::int64_t end_ms =
      std::min(last_ms, part->range.length_ms ? part->range.start_ms + *part->range.length_ms - 1 : last_ms);
  for (std::int64_t segment = std::min(part->range.start_ms, end_ms) / kSegment_ms; segment <= end_ms / kSegment_ms;
       ++segment)
    add(0, segment, content->second + " segment " + std::to_string(segment));
  stamps.sounds[node.index] = sound;
}

int CachedPass::root_of(const ItemEnvelope& item) const {
  return topology_.regions[static_cast<std::size_t>(item.region)].root_node;
}

Status CachedPass::stamp_items(std::span<const ItemPtr> items, bool claims) {
  std::vector<Kept*> all;
  for (const ItemPtr& item : items) {
    if (item->stamps == nullptr || item->stamps->settled) continue;
    for (const int index : topology_.regions[static_cast<std::size_t>(item->region)].nodes)
      if (!ports_[static_cast<std::size_t>(index)].empty() && !item->failed())
        add_keys(topology_.nodes[static_cast<std::size_t>(index)], *item);
    for (Kept& kept : item->stamps->kept) all.push_back(&kept);
  }
  if (Status looked = keeper_.look_up(all); !looked.ok()) return looked;
  for (const ItemPtr& item : items) {
    if (item->stamps == nullptr || item->stamps->settled) continue;
    if (claims)
      for (Kept& kept : item->stamps->kept) keeper_.claim(kept, /*compute=*/false);
    stamp(topology_, item->region, item->parent != nullptr, *item->stamps);
    if (claims) claim(*item);
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    for (const Kept& kept : item->stamps->kept) {
      hits += kept.there() ? 1 : 0;
      misses += !kept.there() && work_of(topology_, *item->stamps, kept.node) == Stamp::kRun ? 1 : 0;
    }
    std::int64_t source_bytes = 0;
    if (item->parent == nullptr && item->stamps->of(root_of(*item)) == Stamp::kRun)
      for (const auto& [port, bytes] : item->stamps->files) source_bytes += bytes;
    keeper_.count(hits, misses, source_bytes);
  }
  return {};
}

// What a node that runs lacks, and what a ranged stage lacks of those before it whose values are kept too.
void CachedPass::claim(ItemEnvelope& item) const {
  for (Kept& kept : item.stamps->kept)
    if (!kept.there()) keeper_.claim(kept, work_of(topology_, *item.stamps, kept.node) == Stamp::kRun);
}

}  // namespace earshot::run
