#include "gallery.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <system_error>

#include "record_view.h"

namespace earshot::tools {
namespace {

const graph::ResolvedStage& stage_of(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, int node) {
  return graph.stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(node)].stage)];
}

bool gives(const graph::ResolvedStage& stage, const std::string& view, std::string_view kind) {
  return std::ranges::any_of(stage.description.outputs, [&](const PortDescription& port) {
    return port.kind == kind && (stage.description.kind != StageKind::kSource || port.view == view);
  });
}

// `node` and everything before it.
std::vector<int> upstream_of(const graph::ResolvedFlow& flow, int node) {
  std::vector<int> found = {node};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const graph::ResolvedEdge& edge : flow.edges)
      if (edge.to == found[i] && std::ranges::find(found, edge.from) == found.end()) found.push_back(edge.from);
  std::ranges::sort(found);
  return found;
}

// Every row at the outputs of a stage.
Result<std::vector<run::Seen>> watch_stage(const TrainedFlow& trained, const std::string& stage,
                                           const std::filesystem::path& weights, const run::RunOptions& options) {
  return run::watch(trained.graph, trained.catalogue,
                    {.flow = trained.flow.name, .stage = stage, .limit = 0, .weights = weights}, options);
}

// The recording that an id of a child belongs to: "NAME#w0" -> "NAME".
std::string parent_id(const std::string& id) { return id.substr(0, id.rfind('#')); }

struct Known {
  std::map<std::string, GalleryRow> places;     // by id of the row
  std::map<std::string, std::string> captions;  // by relation
};

double seconds_of(const Record& record, const char* fact) {
  const auto found = record.facts.find(fact);
  return found == record.facts.end() ? 0.0 : std::stod(found->second) / 1000.0;
}

void learn(const run::Seen& seen, Known& known) {
  const Result<Record> record = seen.row.payload->to_record();
  if (!record.ok()) return;
  if (record->kind == "text") known.captions.try_emplace(seen.row.related, text_of(*record));
  if (record->kind == "recording")
    known.places[seen.row.id] = {.id = seen.row.id,
                                 .file = text_of(*record),
                                 .start_s = seconds_of(*record, "start_ms"),
                                 .length_s = seconds_of(*record, "length_ms"),
                                 .caption = {}};
}

// Files and times: the stages before `node` that give recordings, the later one where two give the same id; captions:
// any source of texts.
Result<Known> what_is_known(const TrainedFlow& trained, int node) {
  std::vector<std::string> stages;
  for (const int before : upstream_of(trained.flow, node)) {
    const graph::ResolvedStage& stage = stage_of(trained.graph, trained.flow, before);
    if (gives(stage, trained.flow.nodes[static_cast<std::size_t>(before)].view, "recording"))
      stages.push_back(stage.name);
  }
  for (std::size_t i = 0; i < trained.flow.nodes.size(); ++i) {
    const graph::ResolvedStage& stage = stage_of(trained.graph, trained.flow, static_cast<int>(i));
    if (stage.description.kind == StageKind::kSource && gives(stage, trained.flow.nodes[i].view, "text"))
      stages.push_back(stage.name);
  }
  Known known;
  run::RunOptions silent = trained.options;  // what is left out is named once, with the vectors
  silent.progress = nullptr;
  for (const std::string& stage : stages) {
    const Result<std::vector<run::Seen>> rows = watch_stage(trained, stage, {}, silent);
    if (!rows.ok()) return rows.error();
    for (const run::Seen& seen : *rows) learn(seen, known);
  }
  return known;
}

Error no_vectors(const graph::ResolvedFlow& flow) {
  return {ErrorCode::kInvalidArgument, "flow." + flow.name + " does not end in a stage that gives embeddings"};
}

}  // namespace

const graph::ResolvedFlow* find_flow(const graph::ResolvedGraph& graph, const std::string& name) {
  const auto flow = std::ranges::find(graph.flows, name, &graph::ResolvedFlow::name);
  return flow == graph.flows.end() ? nullptr : &*flow;
}

Result<int> last_embedding(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow) {
  for (int node = static_cast<int>(flow.nodes.size()) - 1; node >= 0; --node) {
    const bool is_end = std::ranges::find(flow.edges, node, &graph::ResolvedEdge::from) == flow.edges.end();
    if (is_end && gives(stage_of(graph, flow, node), {}, "embedding")) return node;
  }
  return no_vectors(flow);
}

Result<int> collected_audio(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow) {
  for (const graph::ResolvedEdge& edge : flow.edges) {
    const PluginDescription& to = stage_of(graph, flow, edge.to).description;
    const PortDescription& port = to.inputs[static_cast<std::size_t>(edge.to_port)];
    if (to.kind == StageKind::kCollect && port.name == "audio" && port.kind == "embedding") return edge.from;
  }
  return no_vectors(flow);
}

Result<Gallery> compute_gallery(const TrainedFlow& trained, int node) {
  const Result<Known> known = what_is_known(trained, node);
  if (!known.ok()) return known.error();
  const std::string& stage = stage_of(trained.graph, trained.flow, node).name;
  const Result<std::vector<run::Seen>> rows = watch_stage(trained, stage, trained.run, trained.options);
  if (!rows.ok()) return rows.error();
  Gallery gallery;
  for (const run::Seen& seen : *rows) {
    const Result<Record> record = seen.row.payload->to_record();
    if (!record.ok()) return record.error();
    // A stage that serves both towers gives texts as well: they are not of the recordings' view.
    if (record->kind != "embedding") continue;
    const auto place = known->places.find(seen.row.id);
    if (!known->places.empty() && place == known->places.end()) continue;
    gallery.dim = static_cast<std::size_t>(record->shape.at(0));
    const std::size_t before = gallery.vectors.size();
    gallery.vectors.resize(before + gallery.dim);
    std::memcpy(gallery.vectors.data() + before, record->bytes.data(), record->bytes.size());
    GalleryRow row = place == known->places.end() ? GalleryRow{} : place->second;
    row.id = seen.row.id;
    if (row.file.empty()) row.file = parent_id(row.id);
    if (const auto caption = known->captions.find(seen.row.related); caption != known->captions.end())
      row.caption = caption->second;
    gallery.rows.push_back(std::move(row));
  }
  return gallery;
}

}  // namespace earshot::tools
