#include "earshot/pipeline/plugins/print.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "description_fields.h"
#include "earshot/pipeline/plugins/option_check.h"

namespace earshot::plugins {
namespace {

using Cells = std::vector<std::string>;

// Rows with their columns aligned, each indented by two spaces; the last cell of a row takes what room it needs.
std::string table(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths;
  for (const Cells& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += ' ' + row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string kind_line(const PluginDescription& plugin) {
  std::string text = to_string(plugin.kind);
  switch (plugin.determinism) {
    case Determinism::kRandom:
      text += ", random while training";
      break;
    case Determinism::kExact:
      text += ", the same bits everywhere";
      break;
    case Determinism::kNumeric:
      text += ", the same bits on the same class of machine";
      break;
  }
  if (plugin.header_only) text += ", reads headers only";
  if (plugin.ranged) text += ", computes ranges";
  if (plugin.trainable) text += ", trainable";
  if (plugin.any_device) text += ", on any device";
  if (plugin.compute_lane) text += ", on the compute lane";
  if (!plugin.offers.empty()) text += ", offers " + plugin.offers;
  if (!plugin.wants.empty()) text += ", wants " + plugin.wants;
  return text;
}

std::string fact_text(const FactRule& rule) {
  switch (rule.kind) {
    case FactRuleKind::kFree:
      return rule.fact + (rule.text.empty() ? " follows the graph" : " follows the graph, else " + rule.text);
    case FactRuleKind::kConstant:
      return rule.fact + " is " + rule.text;
    case FactRuleKind::kOption:
      return rule.fact + " is option " + rule.text;
    case FactRuleKind::kSameAs:
      return rule.fact + " is " + (rule.text == rule.fact ? "that" : rule.text) + " of " + rule.port;
    case FactRuleKind::kLate:
      return rule.fact + " is known from the weights";
    case FactRuleKind::kPerItem:
      return rule.fact + " differs from item to item";
  }
  return rule.fact;
}

std::vector<Cells> port_rows(const std::vector<PortDescription>& ports) {
  std::vector<Cells> rows;
  for (const PortDescription& port : ports) {
    std::string about;
    const auto add = [&about](const std::string& text) { about += (about.empty() ? "" : ", ") + text; };
    if (port.optional) add("optional");
    if (port.many) add("takes several wires");
    if (port.derived) add("rows join by the id before #");
    for (const FactRule& rule : port.facts) add(fact_text(rule));
    rows.push_back({port.view.empty() ? port.name : port.view + "." + port.name, port.kind, port.axes, about});
  }
  return rows;
}

std::vector<Cells> option_rows(const std::vector<OptionDescription>& options) {
  std::vector<Cells> rows;
  for (const OptionDescription& option : options)
    rows.push_back({option.name, expected(option),
                    option.required ? "required" : "default " + to_text(option.default_value), option.sentence});
  return rows;
}

std::vector<Cells> metric_rows(const std::vector<MetricDescription>& metrics) {
  std::vector<Cells> rows;
  for (const MetricDescription& metric : metrics)
    rows.push_back({metric.name, metric.option.empty() ? "" : "where " + metric.option + " is " + metric.value});
  return rows;
}

// A value that stands where the user must give one.
OptionValue placeholder(const OptionDescription& option) {
  OptionValue one;
  switch (option.type) {
    case OptionType::kBool:
      one.content = false;
      break;
    case OptionType::kInt:
      one.content = static_cast<std::int64_t>(option.min.value_or(0));
      break;
    case OptionType::kDouble:
      one.content = option.min.value_or(0);
      break;
    case OptionType::kString:
      one.content = std::string("TEXT");
      break;
    case OptionType::kChoice:
      one.content = option.choices.front();
      break;
    case OptionType::kFile:
      one.content = std::string("PATH");
      break;
  }
  if (option.list) return {OptionValue::List{one}};
  return one;
}

std::string toml(const OptionValue& value) {
  return std::holds_alternative<Auto>(value.content) ? "\"auto\"" : to_text(value);
}

}  // namespace

std::string stanza(const PluginDescription& description) {
  std::string text = "[stage." + description.name + "]\nplugin = \"" + description.name + "\"\n";
  for (const OptionDescription& option : description.options) {
    text += option.name + " = " + toml(option.required ? placeholder(option) : option.default_value);
    text += "  # " + expected(option) + (option.required ? ", required" : "") + ": " + option.sentence + "\n";
  }
  return text;
}

std::string describe_text(const PluginDescription& description) {
  std::string text = description.name + ": " + description.sentence + "\n" + kind_line(description) + "\n";
  const auto section = [&text](const char* title, const std::vector<Cells>& rows) {
    if (!rows.empty()) text += std::string("\n") + title + "\n" + table(rows);
  };
  section("options", option_rows(description.options));
  section("inputs", port_rows(description.inputs));
  section("outputs", port_rows(description.outputs));
  section("reports", metric_rows(description.metrics));
  return text + "\nto paste into a graph\n\n" + stanza(description);
}

std::string plugins_text(const Catalogue& catalogue) {
  std::vector<Cells> rows;
  for (const std::string& name : catalogue.names()) {
    const PluginDescription& plugin = *catalogue.find(name);
    rows.push_back({plugin.name, to_string(plugin.kind), plugin.sentence});
  }
  std::string text = std::to_string(rows.size()) + (rows.size() == 1 ? " plugin\n" : " plugins\n") + table(rows);
  if (catalogue.bad().empty()) return text;
  text += "\n" + std::to_string(catalogue.bad().size()) + " unusable\n";
  for (const BadPlugin& bad : catalogue.bad()) text += "  " + bad.file.string() + " " + bad.reason + "\n";
  return text;
}

std::string plugins_json(const Catalogue& catalogue) {
  Json document = {{"plugins", Json::array()}, {"unusable", Json::array()}};
  for (const std::string& name : catalogue.names()) {
    const PluginDescription& plugin = *catalogue.find(name);
    document["plugins"].push_back({{"name", plugin.name},
                                   {"kind", to_string(plugin.kind)},
                                   {"sentence", plugin.sentence},
                                   {"file", catalogue.file(name).string()}});
  }
  for (const BadPlugin& bad : catalogue.bad())
    document["unusable"].push_back({{"file", bad.file.string()}, {"reason", bad.reason}});
  return document.dump(2) + "\n";
}

}  // namespace earshot::plugins
