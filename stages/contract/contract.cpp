#include "earshot/contract/contract.h"

#include <algorithm>
#include <cstring>

#include "earshot/contract/stage.h"

namespace earshot {

OptionEdit unit(std::string name) {
  return [name = std::move(name)](OptionDescription& option) { option.unit = name; };
}

OptionEdit range(double min, double max) {
  return [min, max](OptionDescription& option) {
    option.min = min;
    option.max = max;
  };
}

OptionEdit at_least(double min) {
  return [min](OptionDescription& option) { option.min = min; };
}

OptionEdit choices(std::vector<std::string> names) {
  return [names = std::move(names)](OptionDescription& option) {
    option.type = OptionType::kChoice;
    option.choices = names;
  };
}

OptionEdit required() {
  return [](OptionDescription& option) { option.required = true; };
}

OptionEdit no_effect() {
  return [](OptionDescription& option) { option.affects_output = false; };
}

PortEdit optional_input() {
  return [](PortDescription& port) { port.optional = true; };
}

PortEdit many_wires() {
  return [](PortDescription& port) { port.many = true; };
}

PortEdit derived_rows() {
  return [](PortDescription& port) { port.derived = true; };
}

namespace {

PortEdit fact_rule(FactRule rule) {
  return [rule = std::move(rule)](PortDescription& port) { port.facts.push_back(rule); };
}

}  // namespace

PortEdit free_fact(std::string fact, std::string default_text) {
  return fact_rule({std::move(fact), FactRuleKind::kFree, std::move(default_text), {}});
}

PortEdit constant_fact(std::string fact, std::string value) {
  return fact_rule({std::move(fact), FactRuleKind::kConstant, std::move(value), {}});
}

PortEdit fact_from_option(std::string fact, std::string option) {
  return fact_rule({std::move(fact), FactRuleKind::kOption, std::move(option), {}});
}

PortEdit same_fact_as(std::string fact, std::string port, std::string other_fact) {
  if (other_fact.empty()) other_fact = fact;
  return fact_rule({std::move(fact), FactRuleKind::kSameAs, std::move(other_fact), std::move(port)});
}

PortEdit same_facts_as(std::string port) { return fact_rule({"*", FactRuleKind::kSameAs, "*", std::move(port)}); }

PortEdit late_fact(std::string fact) { return fact_rule({std::move(fact), FactRuleKind::kLate, {}, {}}); }

PortEdit per_item_fact(std::string fact) { return fact_rule({std::move(fact), FactRuleKind::kPerItem, {}, {}}); }

namespace detail {

void apply(OptionDescription& option, const OptionEdit& edit) { edit(option); }

void apply(OptionDescription& option, const char* sentence) { option.sentence = sentence; }

PortDescription make_port(const PayloadInfo& info, std::string name) {
  PortDescription port;
  port.name = std::move(name);
  port.kind = info.kind;
  port.axes = info.axes;
  return port;
}

void complete(PortDescription& port, const PayloadInfo& info) {
  std::vector<FactRule> rules;
  for (const char* fact : info.facts) {
    if (fact == nullptr) continue;
    const auto said = std::find_if(port.facts.begin(), port.facts.end(),
                                   [&](const FactRule& rule) { return rule.fact == fact || rule.fact == "*"; });
    if (said == port.facts.end()) {
      rules.push_back({fact, FactRuleKind::kFree, {}, {}});
      continue;
    }
    FactRule rule = *said;
    rule.fact = fact;
    if (rule.text == "*") rule.text = fact;
    rules.push_back(std::move(rule));
  }
  port.facts = std::move(rules);
}

}  // namespace detail
Result<std::vector<std::byte>> State::saved(Scope scope) const {
  std::vector<std::byte> all;
  const Status done = save(scope, [&all](std::span<const std::byte> piece) {
    all.insert(all.end(), piece.begin(), piece.end());
    return Status();
  });
  if (!done.ok()) return done.error();
  return all;
}

}  // namespace earshot
