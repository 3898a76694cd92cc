#include "earshot/pipeline/plugins/validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "earshot/contract/stage.h"
#include "earshot/pipeline/plugins/option_check.h"

namespace earshot::plugins {
namespace {

// Keys that every stage has (design section 4); an option of that name could never be given.
constexpr std::array<std::string_view, 8> kReserved = {"plugin", "cache",  "on_error",  "trainable",
                                                       "bypass", "device", "precision", "lane"};

// Names are bare TOML keys: letters, digits, '_' and '-', at most 64.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

class Check {
 public:
  explicit Check(const PluginDescription& description) : plugin_(description) {}

  std::vector<std::string> run() {
    if (!is_name(plugin_.name)) say("its name \"" + plugin_.name + "\" is not made of letters, digits, _ and -");
    if (plugin_.sentence.empty()) say("it has no sentence that says what it does");
    if (plugin_.algorithm < 1)
      say("its algorithm version is " + std::to_string(plugin_.algorithm) + ", expected 1 or more");
    for (const OptionDescription& option : plugin_.options) check_option(option);
    check_ports();
    check_kind();
    for (const MetricDescription& metric : plugin_.metrics) check_metric(metric);
    return std::move(found_);
  }

 private:
  void say(std::string sentence) { found_.push_back(std::move(sentence)); }

  void check_option(const OptionDescription& option) {
    const std::string who = "option \"" + option.name + "\" ";
    if (!is_name(option.name)) say(who + "has a name that is not made of letters, digits, _ and -");
    if (!options_.insert(option.name).second) say(who + "is declared twice");
    if (std::ranges::find(kReserved, option.name) != kReserved.end())
      say(who + "has the name of a key that every stage has");
    if (option.sentence.empty()) say(who + "has no sentence");
    if ((option.type == OptionType::kChoice) == option.choices.empty())
      say(who + (option.choices.empty() ? "is a choice of nothing" : "has choices but is no choice"));
    for (const std::optional<double>& bound : {option.min, option.max})
      if (bound && !std::isfinite(*bound)) say(who + "has a bound that is no finite number");
    if (option.min && option.max && *option.min > *option.max) say(who + "has a range that holds nothing");
    if (option.required) return;
    if (const std::string why = why_not(option, option.default_value); !why.empty())
      say(who + "has the default " + to_text(option.default_value) + ", " + why);
  }

  void check_ports() {
    for (const PortDescription& port : plugin_.inputs) {
      if (!inputs_.insert(port.name).second) say("input \"" + port.name + "\" is declared twice");
      if (!port.view.empty()) say("input \"" + port.name + "\" belongs to a view; only outputs of sources do");
    }
    std::set<std::string> outputs;
    std::set<std::string> views;
    for (const PortDescription& port : plugin_.outputs) {
      if (!outputs.insert(port.view + "." + port.name).second) say("output \"" + port.name + "\" is declared twice");
      views.insert(port.view);
      const auto in_view = std::ranges::count(plugin_.outputs, port.view, &PortDescription::view);
      if (static_cast<std::size_t>(in_view) > kMaxPorts) too_many("outputs");
    }
    if (plugin_.inputs.size() > kMaxPorts) too_many("inputs");
    for (const std::string& view : views)
      if (std::ranges::find(plugin_.outputs, view, &PortDescription::name) != plugin_.outputs.end())
        say("\"" + view + "\" is the name of a view and of a port");
    for (const PortDescription& port : plugin_.inputs) check_port(port, "input");
    for (const PortDescription& port : plugin_.outputs) check_port(port, "output");
  }

  void too_many(const char* what) { say(std::string("it has more than ") + std::to_string(kMaxPorts) + " " + what); }

  void check_port(const PortDescription& port, const char* side) {
    const std::string who = std::string(side) + " \"" + port.name + "\" ";
    if (!is_name(port.name)) say(who + "has a name that is not made of letters, digits, _ and -");
    if (port.kind.empty()) say(who + "has no payload kind");
    for (const FactRule& rule : port.facts) check_rule(rule, who + "says of its fact \"" + rule.fact + "\" ");
  }

  void check_rule(const FactRule& rule, const std::string& who) {
    if (rule.kind == FactRuleKind::kConstant && rule.text.empty()) say(who + "that it is constant, but no value");
    if (rule.kind == FactRuleKind::kOption && !options_.contains(rule.text))
      say(who + "that it is option \"" + rule.text + "\", which there is not");
    if (rule.kind != FactRuleKind::kSameAs) return;
    const PortDescription* other = port_named(rule.port);
    if (other == nullptr)
      say(who + "that it is that of port \"" + rule.port + "\", which there is not");
    else if (std::ranges::find(other->facts, rule.text, &FactRule::fact) == other->facts.end())
      say(who + "that it is \"" + rule.text + "\" of port \"" + rule.port + "\", which has no such fact");
  }

  [[nodiscard]] const PortDescription* port_named(const std::string& name) const {
    for (const auto* ports : {&plugin_.inputs, &plugin_.outputs})
      if (const auto found = std::ranges::find(*ports, name, &PortDescription::name); found != ports->end())
        return &*found;
    return nullptr;
  }

  void check_kind() {
    const bool source = plugin_.kind == StageKind::kSource;
    const bool ends = plugin_.kind == StageKind::kStep || plugin_.kind == StageKind::kCollect;
    if (source != plugin_.inputs.empty())
      say(source ? "it is a source and has inputs" : "it has no input, and only a source needs none");
    if (ends != plugin_.outputs.empty())
      say(ends ? std::string("it is a ") + to_string(plugin_.kind) + " and has outputs" : "it has no output");
    for (const PortDescription& port : plugin_.outputs)
      if (source == port.view.empty())
        say("output \"" + port.name +
            (source ? "\" belongs to no view" : "\" belongs to a view, and this is no source"));
  }

  void check_metric(const MetricDescription& metric) {
    const std::string who = "metric \"" + metric.name + "\" ";
    if (plugin_.kind != StageKind::kCollect) say(who + "is reported by a collect only");
    if (!metric.option.empty() && !options_.contains(metric.option))
      say(who + "depends on option \"" + metric.option + "\", which there is not");
    const std::size_t open = metric.name.find('{');
    const std::size_t close = metric.name.find('}', open);
    if (open == std::string::npos) return;
    const std::string option = metric.name.substr(open + 1, close - open - 1);
    if (!options_.contains(option)) say(who + "names option \"" + option + "\", which there is not");
  }

  const PluginDescription& plugin_;
  std::vector<std::string> found_;
  std::set<std::string> options_;
  std::set<std::string> inputs_;
};

}  // namespace

std::vector<std::string> validate(const PluginDescription& description) { return Check(description).run(); }

Status check_description(const PluginDescription& description) {
  std::string all;
  for (const std::string& sentence : validate(description)) all += (all.empty() ? "" : "; ") + sentence;
  if (all.empty()) return {};
  return Error{ErrorCode::kUnsupported, "describes itself wrongly: " + all};
}

}  // namespace earshot::plugins
