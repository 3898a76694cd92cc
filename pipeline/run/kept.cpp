#include "kept.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "cached_pass.h"
#include "earshot/contract/kept_rows.h"

namespace earshot::run {
namespace {

Kept* find_kept(ItemEnvelope& item, int node, int port, std::int64_t segment) {
  for (Kept& kept : item.stamps->kept)
    if (kept.node == node && kept.port == port && kept.segment == segment) return &kept;
  return nullptr;
}

// The store itself failed: the pass cannot go on.
void end_if_broken(PassState& pass) {
  if (std::optional<Error> broken = pass.cached->keeper().broken()) pass.break_off(*std::move(broken));
}

Result<PayloadPtr> read(PassState& pass, const Kept& kept) {
  Result<PayloadPtr> payload = pass.cached->keeper().read(kept, *pass.cached->kept_port(kept.node, kept.port));
  if (!payload.ok()) end_if_broken(pass);
  return payload;
}

Result<PayloadPtr> keep(PassState& pass, ItemEnvelope& item, Kept& kept, const Payload& payload) {
  Result<PayloadPtr> back =
      pass.cached->keeper().keep(kept, *pass.cached->kept_port(kept.node, kept.port), payload, item.header.id);
  NodeWork& work = pass.work[static_cast<std::size_t>(kept.node)];
  work.kept_bytes.fetch_add(kept.bytes, std::memory_order_relaxed);
  work.kept_values.fetch_add(1, std::memory_order_relaxed);
  if (back.ok())
    kept.claimed = false;
  else
    end_if_broken(pass);
  return back;
}

// Segment by segment, from the source: neither the whole recording nor what lies outside the range is ever computed.
class Segments {
 public:
  Segments(PassState& pass, const NodePlan& node, ItemEnvelope& item)
      : pass_(pass), node_(node), item_(item), sound_(item.stamps->sounds.at(node.index)) {}

  // The range that the item means; a null payload where nobody asks for it.
  Result<Outputs> joined() {
    std::vector<PayloadPtr> parts;
    for (const Kept* kept : item_.stamps->of_node(node_.index)) {
      if (node_.sink && kept->there()) continue;
      Result<PayloadPtr> part = value(node_, kept->segment);
      if (!part.ok()) return part.error();
      if (!node_.sink) parts.push_back(*std::move(part));
    }
    Outputs outputs;
    if (node_.sink) return outputs;
    Result<PayloadPtr> whole = pass_.cached->kept_port(node_.index, 0)->reader.join(parts, sound_->part()->range);
    if (!whole.ok()) return whole.error();
    outputs.add(*std::move(whole));
    return outputs;
  }

 private:
  Result<PayloadPtr> value(const NodePlan& node, std::int64_t segment) {
    Kept* const kept = find_kept(item_, node.index, 0, segment);
    if (kept != nullptr && kept->place) return read(pass_, *kept);
    if (kept != nullptr && kept->waits && node.index == node_.index) return read(pass_, *kept);
    const InputSlot& slot = node.inputs.front();
    const NodePlan& from = pass_.topology.nodes[static_cast<std::size_t>(slot.from_node)];
    const bool at_source = from.description->kind == StageKind::kSource || from.description->header_only;
    Result<PayloadPtr> input =
        at_source ? Result<PayloadPtr>(sound_->with_part(range_of(segment))) : value(from, segment);
    if (!input.ok()) return input;
    std::vector<PayloadPtr> payloads(node.input_names.size());
    payloads[static_cast<std::size_t>(slot.port)] = *std::move(input);
    const Inputs inputs(node.input_names, payloads);
    const auto begun = std::chrono::steady_clock::now();
    Result<Outputs> outputs = run_map(pass_, node, inputs, item_.hash, item_.header.id, 0, 0);
    if (node.index != node_.index) count_time(node, std::chrono::steady_clock::now() - begun);
    if (!outputs.ok()) return outputs.error();
    return kept == nullptr ? Result<PayloadPtr>((*outputs)[0]) : keep(pass_, item_, *kept, *(*outputs)[0]);
  }

  // A node that is run for another one: its time is its own.
  void count_time(const NodePlan& node, std::chrono::nanoseconds taken) {
    pass_.work[static_cast<std::size_t>(node.index)].run_ns += taken.count();
    pass_.work[static_cast<std::size_t>(node_.index)].run_ns -= taken.count();
  }

  // The last one goes to the end, which is not always a whole millisecond.
  [[nodiscard]] TimeRange range_of(std::int64_t segment) const {
    TimeRange range{.start_ms = segment * kSegment_ms, .length_ms = kSegment_ms};
    if (range.start_ms + kSegment_ms >= sound_->part()->whole_ms) range.length_ms.reset();
    return range;
  }

  PassState& pass_;
  const NodePlan& node_;
  ItemEnvelope& item_;
  const PayloadPtr sound_;
};

Result<Outputs> read_outputs(PassState& pass, const NodePlan& node, ItemEnvelope& item) {
  Outputs outputs;
  for (std::size_t port = 0; port < node.description->outputs.size(); ++port) {
    Result<PayloadPtr> payload = read(pass, *find_kept(item, node.index, static_cast<int>(port), -1));
    if (!payload.ok()) return payload.error();
    outputs.add(*std::move(payload));
  }
  return outputs;
}

}  // namespace

std::optional<Result<Outputs>> instead_of_running(PassState& pass, const NodePlan& node, ItemEnvelope& item) {
  const Stamp stamp = item.stamps->of(node.index);
  if (stamp == Stamp::kNotNeeded) return Outputs();
  if (item.stamps->sounds.contains(node.index)) return Segments(pass, node, item).joined();
  if (stamp == Stamp::kRead) return read_outputs(pass, node, item);
  return std::nullopt;
}

Result<Outputs> keep_outputs(PassState& pass, const NodePlan& node, ItemEnvelope& item, Outputs outputs) {
  for (std::size_t port = 0; port < outputs.size(); ++port) {
    Kept* const kept = find_kept(item, node.index, static_cast<int>(port), -1);
    if (kept == nullptr) continue;
    Result<PayloadPtr> back = keep(pass, item, *kept, *outputs[port]);
    if (!back.ok()) return back.error();
    outputs[port] = *std::move(back);
  }
  return outputs;
}

namespace {

// What decides the shape of the tensors that a row becomes part of.
std::vector<std::int64_t> shape_of(const Payload& payload) {
  const Result<Record> record = payload.to_record();
  return record.ok() ? record->shape : std::vector<std::int64_t>();
}

// One call of a batch map with rows of one shape, filled up to kKeptRows with the last of them under other names.
void run_filled(PassState& pass, const NodePlan& node, BatchEnvelope& batch, std::vector<std::vector<Row>> ports,
                BatchOutputs& outputs) {
  for (std::vector<Row>& rows : ports)
    for (std::size_t i = rows.size(); i > 0 && i < kKeptRows; ++i) {
      Row filler = rows.back();
      filler.id = "#filler" + std::to_string(i);
      rows.push_back(std::move(filler));
    }
  Result<BatchOutputs> made = run_batch_map(pass, node, batch, BatchInputs(node.input_names, ports));
  const auto is_filler = [](std::string_view id) { return id.starts_with("#filler"); };
  if (!made.ok()) {
    for (const std::vector<Row>& rows : ports)
      for (const Row& row : rows)
        if (!is_filler(row.id)) outputs.failed_rows.emplace_back(row.id, made.error());
    return;
  }
  for (auto& failed : made->failed_rows)
    if (!is_filler(failed.first)) outputs.failed_rows.push_back(std::move(failed));
  for (std::size_t port = 0; port < made->ports.size(); ++port)
    for (Row& row : made->ports[port])
      if (!is_filler(row.id)) outputs.ports[port].push_back(std::move(row));
}

// Rows of all ports are aligned, so the shapes of one port's rows group them all. A stage that pads by itself says
// which shapes become one.
void run_in_shapes(PassState& pass, const NodePlan& node, BatchEnvelope& batch, const Gathered& gathered,
                   BatchOutputs& outputs) {
  const auto first = static_cast<std::size_t>(node.inputs.front().port);
  const auto* const padding = static_cast<const KeptRows*>(node.instance->capability(kKeptRowsCapability));
  std::map<std::vector<std::int64_t>, std::vector<std::size_t>> groups;
  for (std::size_t row = 0; row < gathered.ports[first].size(); ++row) {
    std::vector<std::int64_t> shape;
    if (padding != nullptr) shape = {padding->padded_extent(*gathered.ports[first][row].payload)};
    for (const std::vector<Row>& rows : gathered.ports)
      if (padding == nullptr && row < rows.size())
        for (const std::int64_t extent : shape_of(*rows[row].payload)) shape.push_back(extent);
    groups[std::move(shape)].push_back(row);
  }
  for (const auto& [shape, members] : groups)
    for (std::size_t begin = 0; begin < members.size(); begin += kKeptRows) {
      std::vector<std::vector<Row>> ports(gathered.ports.size());
      for (std::size_t i = begin; i < std::min(begin + kKeptRows, members.size()); ++i)
        for (std::size_t port = 0; port < ports.size(); ++port)
          if (members[i] < gathered.ports[port].size()) ports[port].push_back(gathered.ports[port][members[i]]);
      run_filled(pass, node, batch, std::move(ports), outputs);
    }
}

bool runs(const ItemEnvelope& item, int node) { return item.stamps == nullptr || item.stamps->of(node) == Stamp::kRun; }

// Rows of one output in the order of the batch: those computed, kept where they are to be, and those read.
class RowsInOrder {
 public:
  RowsInOrder(PassState& pass, const NodePlan& node, BatchEnvelope& batch, BatchOutputs& outputs)
      : pass_(pass), node_(node), batch_(batch), outputs_(outputs) {}

  void settle(std::size_t port) {
    std::map<std::string, Row> computed;
    for (Row& row : outputs_.ports[port]) computed.emplace(row.id, std::move(row));
    outputs_.ports[port].clear();
    // All are kept before any is read: a row may wait for another one of this batch.
    for (const ItemPtr& item : batch_.rows) {
      const auto row = computed.find(item->header.id);
      Kept* const kept = item->stamps == nullptr ? nullptr : find_kept(*item, node_.index, static_cast<int>(port), -1);
      if (row != computed.end() && kept != nullptr)
        take(*item, row->second, keep(pass_, *item, *kept, *row->second.payload));
    }
    for (const ItemPtr& item : batch_.rows) {
      if (item->stamps != nullptr && item->stamps->of(node_.index) == Stamp::kRead) {
        Row row{item->header.id, item->header.related, nullptr};
        take(*item, row, read(pass_, *find_kept(*item, node_.index, static_cast<int>(port), -1)));
        computed.emplace(item->header.id, std::move(row));
      }
      if (const auto row = computed.find(item->header.id); row != computed.end() && row->second.payload != nullptr)
        outputs_.ports[port].push_back(std::move(row->second));
    }
  }

 private:
  void take(const ItemEnvelope& item, Row& row, Result<PayloadPtr> payload) {
    row.payload = payload.ok() ? *payload : nullptr;
    if (!payload.ok()) outputs_.failed_rows.emplace_back(item.header.id, payload.error());
  }

  PassState& pass_;
  const NodePlan& node_;
  BatchEnvelope& batch_;
  BatchOutputs& outputs_;
};

}  // namespace

BatchOutputs execute_spared_batch(PassState& pass, const NodePlan& node, BatchEnvelope& batch, Gathered& gathered) {
  BatchOutputs outputs;
  outputs.ports.resize(node.description->outputs.size());
  std::map<std::string_view, const ItemEnvelope*> items;
  for (const ItemPtr& item : batch.rows) items.emplace(item->header.id, item.get());
  for (std::vector<Row>& rows : gathered.ports)
    std::erase_if(rows, [&](const Row& row) {
      const auto item = items.find(row.id);
      return item != items.end() && !runs(*item->second, node.index);
    });
  if (pass.broken() || pass.accounts.fatal()) return outputs;  // the pass is ending: nothing more is computed
  if (!gathered.ports[static_cast<std::size_t>(node.inputs.front().port)].empty()) {
    if (node.description->kind == StageKind::kMap)
      outputs = map_rows(pass, node, batch, gathered);
    else
      run_in_shapes(pass, node, batch, gathered, outputs);
  }
  for (std::size_t port = 0; port < outputs.ports.size(); ++port) RowsInOrder(pass, node, batch, outputs).settle(port);
  return outputs;
}

}  // namespace earshot::run
