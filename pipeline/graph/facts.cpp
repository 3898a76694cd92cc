#include "facts.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "fact_classes.h"
#include "shape.h"

namespace earshot::graph {
namespace {

std::string spaced(std::string fact) {
  std::replace(fact.begin(), fact.end(), '_', ' ');
  return fact;
}

// "a=1 b=2" as names and values; empty for a value that is no record.
std::map<std::string, std::string> fields(const std::string& value) {
  std::map<std::string, std::string> out;
  std::istringstream words(value);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return {};
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

// What differs between two values: of records, the names that do.
std::pair<std::string, std::string> difference(const std::string& first, const std::string& second) {
  const std::map<std::string, std::string> a = fields(first);
  const std::map<std::string, std::string> b = fields(second);
  if (a.empty() || b.empty()) return {first, second};
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  std::vector<std::string> left;
  std::vector<std::string> right;
  const auto text = [](const std::map<std::string, std::string>& of, const std::string& name) {
    const auto found = of.find(name);
    return found == of.end() ? "no " + name : name + "=" + found->second;
  };
  for (const std::string& name : names) {
    if (text(a, name) == text(b, name)) continue;
    left.push_back(text(a, name));
    right.push_back(text(b, name));
  }
  return {joined(left), joined(right)};
}

std::optional<OptionValue> value_of(const OptionDescription& option, const std::string& text) {
  const char* const end = text.data() + text.size();
  if (option.type == OptionType::kInt) {
    std::int64_t whole = 0;
    const auto [rest, failure] = std::from_chars(text.data(), end, whole);
    if (failure == std::errc() && rest == end) return OptionValue{whole};
    return std::nullopt;
  }
  if (option.type == OptionType::kDouble) {
    double number = 0;
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure == std::errc() && rest == end) return OptionValue{number};
    return std::nullopt;
  }
  if (option.type == OptionType::kBool) return OptionValue{text == "true"};
  return OptionValue{text};
}

class Unifier {
 public:
  Unifier(Draft& draft, const Plugins& plugins, Findings& findings)
      : draft_(draft), plugins_(plugins), findings_(findings) {}

  void add_used_stages() {
    for (const DraftFlow& flow : draft_.flows)
      for (const DraftNode& node : flow.nodes)
        if (!node.gone && stage(node.stage).description != nullptr && used_.insert(node.stage).second) {
          open_weights(draft_.stages[static_cast<std::size_t>(node.stage)]);
          classes_.add_stage(stage(node.stage), node.stage);
        }
  }

  void add_links(const DraftFlow& flow) {
    std::vector<const DraftLink*> links;
    for (const DraftLink& link : flow.links)
      if (link.from_port >= 0 && link.to_port >= 0) links.push_back(&link);
    const auto rank = [&](const DraftLink* link) {
      return std::find(flow.order.begin(), flow.order.end(), link->from);
    };
    std::stable_sort(links.begin(), links.end(),
                     [&](const DraftLink* a, const DraftLink* b) { return rank(a) < rank(b); });
    for (const DraftLink* const link : links) add_link(flow, *link);
  }

  void report_undetermined() {
    std::set<const Known*> reported;
    for (const DraftFlow& flow : draft_.flows)
      for (const DraftLink& link : flow.links) {
        report_undetermined(flow, link.from, true, link.from_port, link.from_span, reported);
        report_undetermined(flow, link.to, false, link.to_port, link.to_span, reported);
        for (const int node : {link.from, link.to})
          report_waiting_options(flow, node, node == link.from ? link.from_span : link.to_span, reported);
      }
  }

  void write_back() {
    for (const auto& [variable, unused] : classes_.variables()) {
      const Known& known = *classes_.find(variable);
      const std::string value = known.stated ? known.stated->value : known.per_item || known.late ? "" : known.fallback;
      if (value.empty()) continue;
      DraftStage& owner = draft_.stages[static_cast<std::size_t>(variable.stage)];
      const auto& ports = variable.output ? owner.description->outputs : owner.description->inputs;
      // Of an input and an output of one name, the stage is told what comes in (see Setup).
      auto& told = owner.resolved.facts[ports[static_cast<std::size_t>(variable.port)].name];
      if (variable.output)
        told.emplace(variable.fact, value);
      else
        told[variable.fact] = value;
      for (const auto& [stage_index, option] : known.autos) write_option(stage_index, option, value);
    }
  }

 private:
  const DraftStage& stage(int index) const { return draft_.stages[static_cast<std::size_t>(index)]; }

  void open_weights(DraftStage& owner) {
    if (!owner.description->weights) return;
    Result<std::optional<WeightsInfo>> said = plugins_.weights(owner.resolved.plugin, owner.resolved.options);
    if (said.ok()) {
      owner.resolved.weights = std::move(said).value();
      return;
    }
    const auto given = owner.given.find(kWeightsOption);
    findings_.error(given == owner.given.end() ? owner.plugin : given->second, said.error().message);
  }

  PortFact variable(const DraftFlow& flow, int node, bool output, int port, const std::string& fact) const {
    return {flow.nodes[static_cast<std::size_t>(node)].stage, output, port, fact};
  }

  void add_link(const DraftFlow& flow, const DraftLink& link) {
    const PortDescription& input = draft_.description(flow, link.to)->inputs[static_cast<std::size_t>(link.to_port)];
    for (const FactRule& rule : input.facts) {
      const PortFact from = variable(flow, link.from, true, link.from_port, rule.fact);
      const PortFact to = variable(flow, link.to, false, link.to_port, rule.fact);
      const Known* const given = classes_.find(from);
      if (given == nullptr) continue;
      const bool accepts = rule.kind == FactRuleKind::kPerItem;
      if (accepts && !passes_on(flow, link, rule.fact)) continue;
      if (given->per_item && (!accepts || classes_.find(to)->stated)) {
        report_per_item(flow, link, rule.fact);
      } else if (!classes_.unify(from, to)) {
        report_conflict(flow, link, rule.fact);
      }
    }
  }

  // Whether another port of the stage has this fact from the input.
  bool passes_on(const DraftFlow& flow, const DraftLink& link, const std::string& fact) {
    const PortFact input = variable(flow, link.to, false, link.to_port, fact);
    const auto& all = classes_.variables();
    for (auto other = all.lower_bound({input.stage, false, 0, ""});
         other != all.end() && other->first.stage == input.stage; ++other)
      if ((input < other->first || other->first < input) && classes_.same(other->first, input)) return true;
    return false;
  }

  // "insert resample": a plugin that takes what `ports` give and gives the fact as one of its options says; empty where
  // there is none.
  std::string converter(const std::vector<PortDescription>& ports, const std::string& fact) const {
    const auto fits = [&](const std::vector<PortDescription>& own, const std::string& kind, FactRuleKind rule_kind) {
      return !own.empty() && own.front().kind == kind &&
             std::any_of(own.front().facts.begin(), own.front().facts.end(),
                         [&](const FactRule& rule) { return rule.fact == fact && rule.kind == rule_kind; });
    };
    for (const std::string& name : plugins_.names()) {
      const PluginDescription* const plugin = plugins_.find(name);
      for (const PortDescription& port : ports)
        if (plugin != nullptr && fits(plugin->inputs, port.kind, FactRuleKind::kPerItem) &&
            fits(plugin->outputs, port.kind, FactRuleKind::kOption))
          return "insert " + name;
    }
    return {};
  }

  // Where a stated value can be changed so that it agrees with `other`; empty for a constant.
  std::string way_out(const Stated& stated, const Stated& other) const {
    const DraftStage& owner = stage(stated.stage);
    const auto at = owner.given.find(stated.option);
    if (stated.option.empty()) return {};
    if (at == owner.given.end())
      return "\"" + stated.option + "\" of " + called(owner) + " is " + stated.value + " unless it is set";
    const std::string set = "set at " + place(at->second.origin);
    return has_auto(owner, stated.option) ? set + "; leave it out and it follows " + called(stage(other.stage)) : set;
  }

  // Where a stated value comes from: the option, else the plugin.
  std::string said_at(const Stated& stated) const {
    const DraftStage& owner = stage(stated.stage);
    const auto at = owner.given.find(stated.option);
    const Span& span = at == owner.given.end() ? owner.plugin : at->second;
    return called(owner) + " is at " + place(span.origin);
  }

  // Whether the option, left out, waits for the fact.
  static bool has_auto(const DraftStage& owner, const std::string& name) {
    for (const OptionDescription& option : owner.description->options)
      if (option.name == name) return std::holds_alternative<Auto>(option.default_value.content);
    return false;
  }

  void report_per_item(const DraftFlow& flow, const DraftLink& link, const std::string& fact) {
    findings_.error(link.from_span,
                    "the " + spaced(fact) + " of " + called(draft_.stage(flow, link.from)) +
                        " differs from item to item, " + called(draft_.stage(flow, link.to)) + " needs one for all",
                    converter(draft_.description(flow, link.from)->outputs, fact));
  }

  // A node of the flow that is the stage; -1 where it has none.
  static int node_of(const DraftFlow& flow, int stage_index) {
    for (std::size_t i = 0; i < flow.nodes.size(); ++i)
      if (flow.nodes[i].stage == stage_index && !flow.nodes[i].gone) return static_cast<int>(i);
    return -1;
  }

  void report_conflict(const DraftFlow& flow, const DraftLink& link, const std::string& fact) {
    const Stated& given = *classes_.find(variable(flow, link.from, true, link.from_port, fact))->stated;
    const Stated& needed = *classes_.find(variable(flow, link.to, false, link.to_port, fact))->stated;
    if (!reported_.insert({given.stage, needed.stage, fact}).second) return;
    const int giver = node_of(flow, given.stage);
    const std::vector<bool> before = upstream_of(flow, link.from);
    if (giver < 0 || !before[static_cast<std::size_t>(giver)])
      return report_two_demands(flow, link, fact, given, needed);
    const auto [left, right] = difference(given.value, needed.value);
    std::string hint = way_out(given, needed);
    if (hint.empty()) hint = way_out(needed, given);
    if (hint.empty()) hint = converter(stage(given.stage).description->outputs, fact);
    findings_.error(link.from_span,
                    spaced(fact) + "s differ: " + called(stage(given.stage)) + " makes " + left + ", " +
                        called(stage(needed.stage)) + " needs " + right,
                    hint, {said_at(given) + ", " + said_at(needed)});
  }

  void report_two_demands(const DraftFlow& flow, const DraftLink& link, const std::string& fact, const Stated& first,
                          const Stated& second) {
    const int demander = node_of(flow, first.stage);
    const std::vector<bool> behind = upstream_of(flow, link.from);
    int fork = link.from;
    if (demander >= 0) {
      const std::vector<bool> other = upstream_of(flow, demander);
      for (const int node : flow.order)
        if (behind[static_cast<std::size_t>(node)] && other[static_cast<std::size_t>(node)] &&
            in_class(flow, node, link, fact))
          fork = node;
    }
    const auto [left, right] = difference(first.value, second.value);
    const Span there =
        demander >= 0 ? flow.nodes[static_cast<std::size_t>(demander)].mention : stage(first.stage).header;
    findings_.error(link.to_span,
                    "two demands on the " + spaced(fact) + " of " + called(draft_.stage(flow, fork)) + ": " +
                        called(stage(first.stage)) + " needs " + left + ", " + called(stage(second.stage)) + " needs " +
                        right,
                    "give each its own " + draft_.stage(flow, fork).resolved.plugin,
                    {called(stage(first.stage)) + " is at " + place(there.origin)});
  }

  // Whether an output of `node` has the fact that the link's output has.
  bool in_class(const DraftFlow& flow, int node, const DraftLink& link, const std::string& fact) {
    const PluginDescription* const description = draft_.description(flow, node);
    if (description == nullptr) return false;
    const PortFact wanted = variable(flow, link.from, true, link.from_port, fact);
    for (std::size_t port = 0; port < description->outputs.size(); ++port)
      if (classes_.same(variable(flow, node, true, static_cast<int>(port), fact), wanted)) return true;
    return false;
  }

  void report_undetermined(const DraftFlow& flow, int node, bool output, int port, const Span& span,
                           std::set<const Known*>& reported) {
    const PluginDescription* const description = draft_.description(flow, node);
    if (description == nullptr || port < 0) return;
    for (const FactRule& rule :
         (output ? description->outputs : description->inputs)[static_cast<std::size_t>(port)].facts)
      report_unknown(flow, node, rule.fact, classes_.find(variable(flow, node, output, port, rule.fact)),
                     rule.kind == FactRuleKind::kPerItem, span, reported);
  }

  // An option that waits for a fact of a port without a wire.
  void report_waiting_options(const DraftFlow& flow, int node, const Span& span, std::set<const Known*>& reported) {
    const PluginDescription* const description = draft_.description(flow, node);
    if (description == nullptr) return;
    for (std::size_t port = 0; port < description->outputs.size(); ++port)
      for (const FactRule& rule : description->outputs[port].facts)
        if (rule.kind == FactRuleKind::kOption)
          report_unknown(flow, node, rule.fact,
                         classes_.find(variable(flow, node, true, static_cast<int>(port), rule.fact)), false, span,
                         reported);
  }

  void report_unknown(const DraftFlow& flow, int node, const std::string& fact, const Known* known, bool per_item,
                      const Span& span, std::set<const Known*>& reported) {
    if (known == nullptr || per_item || known->stated || known->per_item || known->late || !known->fallback.empty())
      return;
    if (!reported.insert(known).second) return;
    std::string hint = "nothing that it is wired to states it";
    if (!known->autos.empty()) {
      const auto& [owner, option] = known->autos.front();
      hint = "set \"" + option + "\" of " + called(stage(owner));
    }
    findings_.error(span, "the " + spaced(fact) + " of " + called(draft_.stage(flow, node)) + " is not determined",
                    hint);
  }

  void write_option(int stage_index, const std::string& name, const std::string& text) {
    DraftStage& owner = draft_.stages[static_cast<std::size_t>(stage_index)];
    OptionValue& value = owner.resolved.options[name];
    if (!std::holds_alternative<Auto>(value.content)) return;
    const auto& options = owner.description->options;
    const auto option =
        std::find_if(options.begin(), options.end(), [&](const OptionDescription& one) { return one.name == name; });
    const std::optional<OptionValue> typed = value_of(*option, text);
    if (typed)
      value = *typed;
    else
      findings_.error(owner.plugin, "\"" + name + "\" of " + called(owner) + " would be \"" + text + "\"",
                      "expected " + std::string(to_string(option->type)));
  }

  Draft& draft_;
  const Plugins& plugins_;
  Findings& findings_;
  FactClasses classes_;
  std::set<int> used_;
  std::set<std::tuple<int, int, std::string>> reported_;  // pairs of stages that contradict each other in a fact
};

}  // namespace

void unify_facts(Draft& draft, const Plugins& plugins, bool complete, Findings& findings) {
  const std::size_t before = findings.errors();
  Unifier unifier(draft, plugins, findings);
  unifier.add_used_stages();
  for (const DraftFlow& flow : draft.flows) unifier.add_links(flow);
  if (complete && findings.errors() == before) unifier.report_undetermined();
  unifier.write_back();
}

}  // namespace earshot::graph
