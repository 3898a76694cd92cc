#include "write_toml.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace earshot::graph {
namespace {

std::string comment(const Origin& origin) {
  if (origin.file == kArgument) return "  # argument " + std::to_string(origin.line) + "\n";
  return "  # " + origin.file + ":" + std::to_string(origin.line) + "\n";
}

std::string value_text(const OptionValue& value, bool file) {
  if (std::holds_alternative<Auto>(value.content)) return "\"auto\"";
  if (const auto* const text = std::get_if<std::string>(&value.content)) {
    if (!file || text->empty()) return to_quoted(*text);
    std::error_code failure;  // no working directory any more: the path as it is
    const std::filesystem::path whole = std::filesystem::absolute(*text, failure);
    return to_quoted(failure ? *text : whole.lexically_normal().generic_string());
  }
  if (const auto* const list = std::get_if<OptionValue::List>(&value.content)) {
    std::string out = "[";
    for (const OptionValue& item : *list) out += (out.size() > 1 ? ", " : "") + value_text(item, file);
    return out + "]";
  }
  return to_text(value);
}

std::string on_error_text(const OnError& on_error) {
  const std::string policy = on_error.policy == FailurePolicy::kFail   ? "fail"
                             : on_error.policy == FailurePolicy::kSkip ? "skip"
                                                                       : "quarantine";
  std::string budget;
  if (on_error.budget_items)
    budget = ", budget = " + std::to_string(*on_error.budget_items);
  else if (on_error.budget_share < 1)
    budget = ", budget = \"" + to_text(OptionValue{on_error.budget_share * 100}) + " %\"";
  return "{ policy = \"" + policy + "\"" + budget + " }";
}

void write_options(std::string& out, const ResolvedStage& resolved) {
  for (const OptionDescription& option : resolved.description.options) {
    const auto value = resolved.options.find(option.name);
    if (value == resolved.options.end()) continue;
    out += to_key(option.name) + " = " + value_text(value->second, option.type == OptionType::kFile);
    const auto given = resolved.origins.find(option.name);
    const bool waits = option.may_be_auto && std::holds_alternative<Auto>(option.default_value.content) &&
                       !std::holds_alternative<Auto>(value->second.content);
    if (given != resolved.origins.end())
      out += comment(given->second);
    else
      out += waits ? "  # follows from what it is wired to\n" : "  # default\n";
  }
}

void write_stage(std::string& out, const DraftStage& stage, const ResolvedStage& resolved) {
  out += "\n[stage." + to_key(resolved.name) + "]" + comment(resolved.origin);
  out += "plugin = " + to_quoted(resolved.plugin) + comment(stage.plugin.origin);
  write_options(out, resolved);
  if (resolved.cache)
    out += "cache = " + (resolved.cache_form.empty() ? "true" : to_quoted(resolved.cache_form)) + "\n";
  if (stage.trainable) out += std::string("trainable = ") + (*stage.trainable ? "true\n" : "false\n");
  if (resolved.device != "cpu") out += "device = " + to_quoted(resolved.device) + "\n";
  if (resolved.precision != "fp32") out += "precision = " + to_quoted(resolved.precision) + "\n";
  if (resolved.description.compute_lane != stage.description->compute_lane) out += "lane = \"compute\"\n";
  const OnError usual;
  const OnError& on_error = resolved.on_error;
  if (on_error.policy != usual.policy || on_error.budget_items || on_error.budget_share < 1)
    out += "on_error = " + on_error_text(on_error) + "\n";
  for (const ResolvedGroup& group : resolved.groups) {
    out += "\n[[stage." + to_key(resolved.name) + ".group]]" + comment(group.origin);
    out += "match = " + to_quoted(group.match) + "\n";
    if (group.lr) out += "lr = " + to_text(OptionValue{*group.lr}) + "\n";
    if (group.weight_decay) out += "weight_decay = " + to_text(OptionValue{*group.weight_decay}) + "\n";
    if (group.frozen) out += "frozen = true\n";
  }
}

void write_flow(std::string& out, const ResolvedGraph& graph, const ResolvedFlow& flow) {
  out += "\n[flow." + to_key(flow.name) + "]" + comment(flow.origin);
  if (!flow.split.empty()) out += "split = " + to_quoted(flow.split) + "\n";
  out += "batch = " + std::to_string(flow.batch) + "\n";
  if (flow.limit > 0) out += "limit = " + std::to_string(flow.limit) + "\n";
  out += std::string("shuffle = ") + (flow.shuffle ? "true" : "false") + "\n";
  std::string budget;
  if (flow.budget_items > 0) budget += " items = " + std::to_string(flow.budget_items);
  if (flow.budget_bytes > 0)
    budget += (budget.empty() ? " bytes = " : ", bytes = ") + std::to_string(flow.budget_bytes);
  if (!budget.empty()) out += "budget = {" + budget + " }\n";
  std::string weights;
  for (const auto& [name, weight] : flow.weights)
    weights += (weights.empty() ? " " : ", ") + to_key(name) + " = " + to_text(OptionValue{weight});
  if (!weights.empty()) out += "weights = {" + weights + " }\n";
  out += "\n[flow." + to_key(flow.name) + ".wires]\n";
  int number = 0;
  for (const ResolvedEdge& edge : flow.edges) {
    const ResolvedStage& from =
        graph.stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(edge.from)].stage)];
    const ResolvedStage& to =
        graph.stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(edge.to)].stage)];
    out += to_key(edge.wire + "_" + std::to_string(++number)) + " = \"" + output_name(from, edge.from_port) + " -> " +
           input_name(to, edge.to_port) + "\"" + comment(edge.origin);
  }
}

}  // namespace

std::string output_name(const ResolvedStage& stage, int port) {
  const PortDescription& output = stage.description.outputs[static_cast<std::size_t>(port)];
  return stage.name + (output.view.empty() ? "" : "." + output.view) + "." + output.name;
}

std::string input_name(const ResolvedStage& stage, int port) {
  return stage.name + "." + stage.description.inputs[static_cast<std::size_t>(port)].name;
}

std::string write_toml(const ResolvedGraph& graph, const Draft& draft, const Table& tree) {
  std::string out = "# Resolved from " + graph.file + "; where each value comes from is behind it.\nformat = 1\n";
  out += "title = " + to_quoted(graph.title) + "\nseed = " + std::to_string(graph.seed) + "\n";
  if (!graph.cache_path.empty() || graph.cache_quota > 0) out += "\n[cache]\n";
  if (!graph.cache_path.empty()) out += "path = " + to_quoted(graph.cache_path) + "\n";
  if (graph.cache_quota > 0) out += "quota = " + std::to_string(graph.cache_quota) + "\n";
  for (std::size_t i = 0; i < graph.stages.size(); ++i) write_stage(out, draft.stages[i], graph.stages[i]);
  for (const ResolvedFlow& flow : graph.flows) write_flow(out, graph, flow);
  if (const Value* const runs = tree.find("run"); runs != nullptr && runs->array() != nullptr)
    for (const Value& run : *runs->array()) {
      out += "\n[[run]]" + comment(run.where.origin);
      for (const Entry& entry : *run.table()) out += to_key(entry.name) + " = " + to_toml(entry.value) + "\n";
    }
  if (const Value* const repeat = tree.find("repeat"))
    out += "\n[repeat]" + comment(repeat->where.origin) + "over = " + to_toml(*repeat->table()->find("over")) + "\n";
  return out;
}

}  // namespace earshot::graph
