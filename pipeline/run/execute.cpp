#include "execute.h"

#include <algorithm>
#include <exception>
#include <new>
#include <unordered_map>
#include <unordered_set>

#include <tbb/parallel_for.h>

#include "cached_pass.h"
#include "kept.h"
#include "work_clock.h"

namespace earshot::run {
namespace {

Failure failure_at(const NodePlan& node, Error error) {
  return {node.index, node.resolved->name, std::move(error), node.resolved->on_error.policy};
}

// Calls a stage; what it throws becomes an error.
template <class T, class Call>
Result<T> guarded(const Call& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kTooLarge, "out of memory"};
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, std::string("the stage threw: ") + thrown.what()};
  } catch (...) {
    return Error{ErrorCode::kInternal, "the stage threw something unknown"};
  }
}

// The first thing wrong with what a stage gave back, if any.
std::optional<Error> wrong_output(const NodePlan& node, const Outputs& outputs, std::int64_t bound) {
  if (outputs.size() != node.description->outputs.size())
    return Error{ErrorCode::kInternal, "gave " + std::to_string(outputs.size()) + " outputs, its contract has " +
                                           std::to_string(node.description->outputs.size())};
  for (std::size_t port = 0; port < outputs.size(); ++port) {
    const PortDescription& declared = node.description->outputs[port];
    if (outputs[port] == nullptr) return Error{ErrorCode::kInternal, "gave nothing on port '" + declared.name + "'"};
    if (declared.kind != outputs[port]->info().kind)
      return Error{ErrorCode::kInternal, "gave a " + std::string(outputs[port]->info().kind) + " on port '" +
                                             declared.name + "', its contract says " + declared.kind};
    if (!outputs[port]->finite())
      return Error{ErrorCode::kNonFinite, "port '" + declared.name + "' holds NaN or infinity"};
    if (bound > 0 && outputs[port]->bytes() > bound)
      return Error{ErrorCode::kTooLarge, "port '" + declared.name + "' holds " +
                                             std::to_string(outputs[port]->bytes()) + " bytes, more than the " +
                                             std::to_string(bound) + " that the item's header promised"};
  }
  return std::nullopt;
}

void write_outputs(const NodePlan& node, ItemEnvelope& item, const Outputs* outputs) {
  for (std::size_t port = 0; port < node.output_slots.size(); ++port)
    item.write(node.output_slots[port], outputs == nullptr ? nullptr : (*outputs)[port], node.consumers[port]);
}

void show_taps(const PassState& pass, const NodePlan& node, std::int64_t sequence, const RecordHeader& header,
               const Outputs& outputs) {
  for (const Tap& tap : pass.request.taps)
    if (tap.node == node.index)
      tap.see(sequence, Row{header.id, header.related, outputs[static_cast<std::size_t>(tap.port)]});
}

}  // namespace

Result<Outputs> run_map(const PassState& pass, const NodePlan& node, const Inputs& inputs, std::uint64_t hash,
                        std::string_view id, std::int64_t order, std::int64_t bound) {
  Context context = pass.context(node, hash, id, order);
  Result<Outputs> outputs =
      guarded<Outputs>([&] { return static_cast<const Map&>(*node.instance).process(inputs, context); });
  if (!outputs.ok()) return outputs;
  if (std::optional<Error> wrong = wrong_output(node, *outputs, bound)) return std::move(*wrong);
  return outputs;
}

namespace {

// Computes what a map gives for an item, and keeps it where a store does.
Result<Outputs> run_and_keep(PassState& pass, const NodePlan& node, ItemEnvelope& item, const Inputs& inputs) {
  const std::int64_t order = item.sequence / pass.flow.batch;
  if (item.stamps == nullptr) return run_map(pass, node, inputs, item.hash, item.header.id, order, item.bound_bytes);
  const std::int64_t bound = item.stamps->reads ? 0 : item.bound_bytes;
  Result<Outputs> outputs = run_map(pass, node, inputs, item.hash, item.header.id, order, bound);
  if (!outputs.ok()) return outputs;
  return keep_outputs(pass, node, item, *std::move(outputs));
}

}  // namespace

void execute_item(PassState& pass, const NodePlan& node, ItemEnvelope& item) {
  std::array<PayloadPtr, kMaxPorts> payloads;
  bool alive = true;
  for (const InputSlot& input : node.inputs) {
    PayloadPtr payload = item.read(input.slot);
    alive = alive && payload != nullptr;
    payloads[static_cast<std::size_t>(input.port)] = std::move(payload);
  }
  const Timer timer(clock_of(pass, node, item));
  std::optional<Result<Outputs>> kept;
  if (item.stamps != nullptr) kept = instead_of_running(pass, node, item);
  if (!alive && !kept) return write_outputs(node, item, nullptr);
  const Inputs inputs(node.input_names, std::span(payloads.data(), node.input_names.size()));
  const Result<Outputs> outputs = kept ? *std::move(kept) : run_and_keep(pass, node, item, inputs);
  if (!outputs.ok()) {
    item.fail(failure_at(node, outputs.error()));
    return write_outputs(node, item, nullptr);
  }
  if (!pass.request.taps.empty()) show_taps(pass, node, item.sequence, item.header, *outputs);
  write_outputs(node, item, &*outputs);
}

std::vector<ItemPtr> execute_expand(PassState& pass, const NodePlan& node, int region, const ItemPtr& item,
                                    std::int64_t first_sequence) {
  std::array<PayloadPtr, kMaxPorts> payloads;
  bool alive = true;
  for (const InputSlot& input : node.inputs) {
    PayloadPtr payload = item->read(input.slot);
    alive = alive && payload != nullptr;
    payloads[static_cast<std::size_t>(input.port)] = std::move(payload);
  }
  Result<std::vector<Child>> made = std::vector<Child>{};
  if (alive) {
    const Inputs inputs(node.input_names, std::span(payloads.data(), node.input_names.size()));
    Context context = pass.context(node, item->hash, item->header.id, item->sequence / pass.flow.batch);
    made =
        guarded<std::vector<Child>>([&] { return static_cast<const Expand&>(*node.instance).expand(inputs, context); });
    if (made.ok() && made->empty()) made = Error{ErrorCode::kInternal, "expanded to no children at all"};
    if (!made.ok()) item->fail(failure_at(node, made.error()));
  }
  // A record that cannot be expanded still has to reach its collapse: one dead child carries it there.
  const bool dead = !made.ok() || made->empty();
  const std::size_t count = dead ? 1 : made->size();
  item->results.resize(count);
  item->children_left.store(static_cast<std::int64_t>(count), std::memory_order_relaxed);
  std::vector<ItemPtr> children;
  for (std::size_t i = 0; i < count; ++i) {
    RecordHeader header = item->header;
    header.id += dead ? "#dead" : "#" + (*made)[i].suffix;
    ItemPtr child(new ItemEnvelope(pass, region, first_sequence + static_cast<std::int64_t>(i), std::move(header)));
    child->parent = item;
    child->child_index = i;
    if (!dead && !pass.request.taps.empty()) show_taps(pass, node, child->sequence, child->header, (*made)[i].outputs);
    write_outputs(node, *child, dead ? nullptr : &(*made)[i].outputs);
    children.push_back(std::move(child));
  }
  return children;
}

void execute_collapse(PassState& pass, const NodePlan& node, ItemEnvelope& parent) {
  const std::vector<PayloadPtr> results = std::move(parent.results);
  parent.results.clear();
  const bool alive = std::all_of(results.begin(), results.end(), [](const PayloadPtr& p) { return p != nullptr; });
  std::optional<Result<Outputs>> kept;
  if (parent.stamps != nullptr) kept = instead_of_running(pass, node, parent);
  if (!alive && !kept) return write_outputs(node, parent, nullptr);
  const auto port = static_cast<std::size_t>(node.inputs.front().port);
  std::vector<std::vector<PayloadPtr>> columns(results.size(), std::vector<PayloadPtr>(node.input_names.size()));
  std::vector<Inputs> children;
  for (std::size_t i = 0; i < results.size(); ++i) {
    columns[i][port] = results[i];
    children.emplace_back(node.input_names, columns[i]);
  }
  Context context = pass.context(node, parent.hash, parent.header.id, parent.sequence / pass.flow.batch);
  const Timer timer(parent.stamps ? clock_of(pass, node, parent)
                                  : &pass.work[static_cast<std::size_t>(node.index)].run_ns);
  const bool computed = !kept;
  Result<Outputs> outputs =
      kept ? *std::move(kept)
           : guarded<Outputs>([&] { return static_cast<const Collapse&>(*node.instance).collapse(children, context); });
  if (outputs.ok() && computed) {
    if (std::optional<Error> wrong = wrong_output(node, *outputs, 0))
      outputs = std::move(*wrong);
    else if (parent.stamps != nullptr)
      outputs = keep_outputs(pass, node, parent, *std::move(outputs));
  }
  if (!outputs.ok()) {
    parent.fail(failure_at(node, outputs.error()));
    return write_outputs(node, parent, nullptr);
  }
  if (!pass.request.taps.empty()) show_taps(pass, node, parent.sequence, parent.header, *outputs);
  write_outputs(node, parent, &*outputs);
}

std::int64_t bound_bytes(const PassState& pass, const ItemEnvelope& item, BoundScratch& scratch) {
  const Region& region = pass.topology.regions[static_cast<std::size_t>(item.region)];
  if (!region.expands.empty()) return 0;  // what comes back from its children is known to nobody yet
  const NodePlan& root = pass.topology.nodes[static_cast<std::size_t>(region.root_node)];
  const auto slots = static_cast<std::size_t>(region.slots);
  scratch.known.assign(slots, Footprint{.bytes = -1});
  scratch.branch.assign(slots, -1);
  scratch.need.assign(slots, 0);
  const auto know = [&](const NodePlan& node) {
    for (const int slot : node.output_slots)
      if (const PayloadPtr& payload = item.peek(slot)) {
        scratch.known[static_cast<std::size_t>(slot)] = payload->footprint();
        scratch.branch[static_cast<std::size_t>(slot)] = slot;
      }
  };
  know(root);
  for (const int index : region.nodes) {
    const NodePlan& node = pass.topology.nodes[static_cast<std::size_t>(index)];
    if (node.inputs.empty() || index == region.root_node) continue;
    if (node.admission) {
      know(node);
      continue;
    }
    const auto first = static_cast<std::size_t>(node.inputs.front().slot);
    const Footprint input = scratch.known[first];
    if (input.bytes < 0 || node.instance == nullptr) continue;
    const Footprint output = node.instance->footprint(input);
    std::int64_t& need = scratch.need[static_cast<std::size_t>(scratch.branch[first])];
    if (item.stamps == nullptr || item.stamps->of(index) != Stamp::kNotNeeded)
      need = std::max(need, input.bytes + output.bytes);
    for (const int slot : node.output_slots) {
      scratch.known[static_cast<std::size_t>(slot)] = output;
      scratch.branch[static_cast<std::size_t>(slot)] = scratch.branch[first];
    }
  }
  std::int64_t bound = 0;
  for (const std::int64_t need : scratch.need) bound += need;
  return std::max<std::int64_t>(bound, 1);
}

namespace {

// The id before the last '#'.
std::string_view base_id(std::string_view id) { return id.substr(0, id.rfind('#')); }

std::vector<Row> rows_of_items(const BatchEnvelope& batch, int slot) {
  std::vector<Row> rows;
  rows.reserve(batch.rows.size());
  for (const ItemPtr& item : batch.rows)
    if (PayloadPtr payload = item->read(slot))
      rows.push_back({item->header.id, item->header.related, std::move(payload)});
  return rows;
}

Gathered gather(const PassState& pass, const NodePlan& node, BatchEnvelope& batch) {
  Gathered gathered;
  gathered.ports.resize(node.input_names.size());
  for (const InputSlot& input : node.inputs) {
    const bool from_batch = pass.topology.nodes[static_cast<std::size_t>(input.from_node)].batch;
    std::vector<Row> rows = from_batch ? batch.read(input.slot) : rows_of_items(batch, input.slot);
    auto& port = gathered.ports[static_cast<std::size_t>(input.port)];
    port.insert(port.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }
  return gathered;
}

// Rows that are dead on one plain input leave all of them; derived rows go with their base.
void align(const NodePlan& node, Gathered& gathered) {
  std::vector<std::size_t> plain;
  std::vector<std::size_t> derived;
  std::vector<bool> wired(node.input_names.size(), false);
  for (const InputSlot& input : node.inputs) wired[static_cast<std::size_t>(input.port)] = true;
  for (std::size_t port = 0; port < wired.size(); ++port) {
    const PortDescription& declared = node.description->inputs[port];
    if (wired[port] && !declared.many) (declared.derived ? derived : plain).push_back(port);
  }
  if (plain.size() + derived.size() < 2 || plain.empty()) return;
  std::unordered_map<std::string_view, std::size_t> seen;
  for (const std::size_t port : plain)
    for (const Row& row : gathered.ports[port]) ++seen[row.id];
  std::unordered_set<std::string> alive;
  for (const auto& [id, count] : seen)
    if (count == plain.size()) alive.emplace(id);
  for (const std::size_t port : plain)
    std::erase_if(gathered.ports[port], [&](const Row& row) { return !alive.contains(row.id); });
  for (const std::size_t port : derived)
    std::erase_if(gathered.ports[port], [&](const Row& row) {
      return !alive.contains(row.id) && !alive.contains(std::string(base_id(row.id)));
    });
}

void fail_rows(const NodePlan& node, const BatchEnvelope& batch, const Error& error) {
  for (const ItemPtr& item : batch.rows)
    if (!item->failed()) item->fail(failure_at(node, error));
}

void fail_row(const NodePlan& node, const BatchEnvelope& batch, std::string_view id, const Error& error) {
  for (const ItemPtr& item : batch.rows)
    if (item->header.id == id || item->header.id == base_id(id)) item->fail(failure_at(node, error));
}

void show_taps(const PassState& pass, const NodePlan& node, const BatchEnvelope& batch, const BatchOutputs& outputs) {
  for (const Tap& tap : pass.request.taps) {
    if (tap.node != node.index) continue;
    for (const Row& row : outputs.ports[static_cast<std::size_t>(tap.port)]) {
      std::int64_t sequence = batch.order;
      for (const ItemPtr& item : batch.rows)
        if (item->header.id == row.id) sequence = item->sequence;
      tap.see(sequence, row);
    }
  }
}

}  // namespace

BatchOutputs map_rows(const PassState& pass, const NodePlan& node, const BatchEnvelope& batch, Gathered& gathered) {
  const auto& first = gathered.ports[static_cast<std::size_t>(node.inputs.front().port)];
  std::vector<Result<Outputs>> results(first.size(), Error{});
  tbb::parallel_for(std::size_t{0}, first.size(), [&](std::size_t row) {
    std::array<PayloadPtr, kMaxPorts> payloads;
    for (std::size_t port = 0; port < gathered.ports.size(); ++port)
      if (row < gathered.ports[port].size()) payloads[port] = std::move(gathered.ports[port][row].payload);
    const Inputs inputs(node.input_names, std::span(payloads.data(), node.input_names.size()));
    results[row] = run_map(pass, node, inputs, hash_name(first[row].id), first[row].id, batch.order, 0);
  });
  BatchOutputs outputs;
  outputs.ports.resize(node.description->outputs.size());
  for (std::size_t row = 0; row < results.size(); ++row) {
    if (!results[row].ok()) {
      outputs.failed_rows.emplace_back(first[row].id, results[row].error());
      continue;
    }
    for (std::size_t port = 0; port < outputs.ports.size(); ++port)
      outputs.ports[port].push_back({first[row].id, first[row].related, std::move((*results[row])[port])});
  }
  return outputs;
}

namespace {

std::optional<Error> wrong_rows(const NodePlan& node, const BatchOutputs& outputs) {
  if (outputs.ports.size() != node.description->outputs.size())
    return Error{ErrorCode::kInternal, "gave " + std::to_string(outputs.ports.size()) + " outputs, its contract has " +
                                           std::to_string(node.description->outputs.size())};
  for (std::size_t port = 0; port < outputs.ports.size(); ++port)
    for (const Row& row : outputs.ports[port]) {
      if (row.payload == nullptr || !row.payload->finite()) {
        std::string message =
            "port '" + node.description->outputs[port].name + "' holds NaN or infinity in row '" + row.id + "'";
        if (State* state = node.instance->state())
          if (const std::string parameter = state->first_non_finite(); !parameter.empty())
            message += "; the first parameter that is not finite is '" + node.resolved->name + "/" + parameter + "'";
        return Error{ErrorCode::kNonFinite, std::move(message)};
      }
    }
  return std::nullopt;
}

Error at_stage(const NodePlan& node, const std::string& where, const Error& error) {
  return {error.code, "stage '" + node.resolved->name + "', " + where + ": " + error.message};
}

// A step on the live rows. Its failure is never an item's: it ends the pass.
void run_step(PassState& pass, const NodePlan& node, const BatchEnvelope& batch, const BatchInputs& inputs) {
  Context context = pass.context(node, static_cast<std::uint64_t>(batch.order), {}, batch.order);
  Result<std::vector<Metric>> metrics =
      guarded<std::vector<Metric>>([&] { return static_cast<Step&>(*node.instance).step(inputs, context); });
  if (!metrics.ok()) return pass.break_off(at_stage(node, "step " + std::to_string(context.step + 1), metrics.error()));
  if (pass.request.on_step) pass.request.on_step(context.step, *metrics);
}

}  // namespace

Result<BatchOutputs> run_batch_map(const PassState& pass, const NodePlan& node, const BatchEnvelope& batch,
                                   const BatchInputs& inputs) {
  Context context = pass.context(node, static_cast<std::uint64_t>(batch.order), {}, batch.order);
  Result<BatchOutputs> outputs =
      guarded<BatchOutputs>([&] { return static_cast<BatchMap&>(*node.instance).process(inputs, context); });
  if (!outputs.ok()) return outputs;
  if (std::optional<Error> wrong = wrong_rows(node, *outputs)) return std::move(*wrong);
  return outputs;
}

namespace {

bool too_few(const PassState& pass, const NodePlan& node, const Gathered& gathered) {
  const std::size_t wanted = pass.request.training ? 2 : 1;
  for (const InputSlot& input : node.inputs) {
    const PortDescription& port = node.description->inputs[static_cast<std::size_t>(input.port)];
    const std::size_t rows = gathered.ports[static_cast<std::size_t>(input.port)].size();
    if (port.many ? rows == 0 : (!port.optional && rows < wanted)) return true;
  }
  return false;
}

}  // namespace

void execute_batch(PassState& pass, const NodePlan& node, BatchEnvelope& batch) {
  const Timer timer(clock_of(pass, node, batch));
  Gathered gathered = gather(pass, node, batch);
  align(node, gathered);
  BatchOutputs outputs;
  outputs.ports.resize(node.description->outputs.size());
  if (pass.cached != nullptr && pass.cached->fixed_rows(node.index)) {
    outputs = execute_spared_batch(pass, node, batch, gathered);
  } else if (too_few(pass, node, gathered)) {
    for (const ItemPtr& item : batch.rows)
      if (!item->failed())
        item->fail({node.index,
                    node.resolved->name,
                    {ErrorCode::kCorruptInput, "its batch has fewer than two live rows"},
                    graph::FailurePolicy::kSkip});
  } else if (pass.broken() || pass.accounts.fatal()) {
    // The pass is ending: nothing more is computed or updated.
  } else if (node.description->kind == StageKind::kStep) {
    run_step(pass, node, batch, BatchInputs(node.input_names, gathered.ports));
  } else if (node.description->kind == StageKind::kMap) {
    outputs = map_rows(pass, node, batch, gathered);
  } else {
    // NaN in what trains is nothing that a policy for items could mend.
    Result<BatchOutputs> made = run_batch_map(pass, node, batch, BatchInputs(node.input_names, gathered.ports));
    if (made.ok())
      outputs = std::move(*made);
    else if (made.error().code == ErrorCode::kNonFinite && node.resolved->trainable)
      pass.break_off(at_stage(node, "batch " + std::to_string(batch.order + 1), made.error()));
    else
      fail_rows(node, batch, made.error());
  }
  for (const auto& [id, error] : outputs.failed_rows) fail_row(node, batch, id, error);
  if (!pass.request.taps.empty()) show_taps(pass, node, batch, outputs);
  for (std::size_t port = 0; port < node.output_slots.size(); ++port)
    batch.write(node.output_slots[port], std::move(outputs.ports[port]), node.consumers[port]);
}

}  // namespace earshot::run
