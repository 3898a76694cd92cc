#include "flows.h"

#include <algorithm>
#include <utility>

#include "connect.h"
#include "earshot/pipeline/graph/nearest.h"
#include "keys.h"
#include "stages.h"

namespace earshot::graph {
namespace {

constexpr std::int64_t kMostRows = 1 << 20;  // of a batch

const std::vector<std::string>& flow_keys() {
  static const std::vector<std::string> kKeys = {"split",   "batch",   "budget", "limit",
                                                 "shuffle", "weights", "wires",  "insert"};
  return kKeys;
}

void read_budget(const Reader& reader, const std::string& what, ResolvedFlow& flow, Findings& findings) {
  const Table* const table = reader.table("budget");
  if (table == nullptr) return;
  const Reader inner(*table, "budget of " + what, {"items", "bytes"}, findings);
  flow.budget_items = inner.whole("items", 1).value_or(flow.budget_items);
  flow.budget_bytes = inner.bytes("bytes").value_or(flow.budget_bytes);
}

void check_budget(const Reader& reader, const ResolvedFlow& flow, Findings& findings) {
  if (flow.budget_items == 0 || flow.budget_items >= flow.batch) return;
  const Value* const budget = reader.find("budget");
  const Value* const items = budget == nullptr || budget->table() == nullptr ? nullptr : budget->table()->find("items");
  const Value* const place = items != nullptr ? items : reader.find("batch");
  if (place != nullptr)
    findings.error(
        place->where,
        "a budget of " + std::to_string(flow.budget_items) + " items holds no batch of " + std::to_string(flow.batch),
        "expected items of at least the batch");
}

void read_weights(const Reader& reader, const std::string& what, ResolvedFlow& flow, Findings& findings) {
  const Table* const table = reader.table("weights");
  if (table == nullptr) return;
  const Reader inner(*table, "weights of " + what, table->names(), findings);
  for (const Entry& entry : *table) {
    const std::optional<double> weight = inner.number(entry.name);
    if (!weight) continue;
    if (*weight < 0) inner.wrong(entry.name, "a number of at least 0");
    flow.weights[entry.name] = *weight;
  }
}

DraftFlow read_flow(const Entry& entry, Findings& findings) {
  DraftFlow flow;
  flow.table = entry.value.table();
  flow.header = entry.value.key;
  const std::string what = "flow \"" + entry.name + "\"";
  if (!is_plain_name(entry.name))
    findings.error(entry.value.key, "\"" + entry.name + "\" cannot be the name of a flow",
                   "expected letters, digits, _ and -");
  const Value* const wires = flow.table->find("wires");
  if (wires == nullptr) findings.error(flow.header, what + " has no wires", "expected [flow." + entry.name + ".wires]");
  flow.resolved = read_flow_keys(*flow.table, entry.name, {}, findings);
  flow.resolved.origin = entry.value.key.origin;
  return flow;
}

bool holds_step(const Draft& draft, const DraftFlow& flow) {
  for (const DraftNode& node : flow.nodes) {
    const PluginDescription* const description = draft.stages[static_cast<std::size_t>(node.stage)].description;
    if (!node.gone && description != nullptr && description->kind == StageKind::kStep) return true;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& settable_flow_keys() {
  static const std::vector<std::string> kKeys = {"split", "batch", "budget", "limit", "shuffle", "weights"};
  return kKeys;
}

ResolvedFlow read_flow_keys(const Table& table, const std::string& name, ResolvedFlow base, Findings& findings) {
  const std::string what = "flow \"" + name + "\"";
  const Reader reader(table, what, flow_keys(), findings);
  base.name = name;
  base.split = reader.text("split").value_or(base.split);
  base.batch = reader.whole("batch", 1).value_or(base.batch);
  base.limit = reader.whole("limit", 0).value_or(base.limit);
  base.shuffle = reader.flag("shuffle").value_or(base.shuffle);
  if (base.batch > kMostRows) {
    reader.wrong("batch", "at most " + std::to_string(kMostRows) + " rows");
    base.batch = 1;
  }
  read_budget(reader, what, base, findings);
  check_budget(reader, base, findings);
  read_weights(reader, what, base, findings);
  return base;
}

void read_flows(const Table& tree, Draft& draft, Findings& findings) {
  const Table* const section = section_of(tree, "flow", findings);
  if (section == nullptr) return;
  for (const Entry& entry : *section) {
    if (entry.value.table() == nullptr) continue;
    DraftFlow flow = read_flow(entry, findings);
    connect(draft, flow, findings);
    flow.resolved.trains = holds_step(draft, flow);
    if (flow.table->find("shuffle") == nullptr) flow.resolved.shuffle = flow.resolved.trains;
    draft.flows.push_back(std::move(flow));
  }
}

}  // namespace earshot::graph
