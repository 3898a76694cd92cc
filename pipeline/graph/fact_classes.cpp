#include "fact_classes.h"

#include <algorithm>
#include <cstddef>

namespace earshot::graph {
namespace {

const std::vector<PortDescription>& ports(const DraftStage& stage, bool output) {
  return output ? stage.description->outputs : stage.description->inputs;
}

int port_called(const std::vector<PortDescription>& list, const std::string& name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const PortDescription& port) { return port.name == name; });
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

// What the stage's weights say of a fact; empty where they were not opened.
std::string late_value(const DraftStage& stage, const std::string& port, const std::string& fact) {
  if (!stage.resolved.weights) return {};
  const auto facts = stage.resolved.weights->facts.find(port);
  if (facts == stage.resolved.weights->facts.end()) return {};
  const auto value = facts->second.find(fact);
  return value == facts->second.end() ? std::string() : value->second;
}

}  // namespace

std::string fact_text(const OptionValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value.content)) return *text;
  return to_text(value);
}

void FactClasses::add_stage(const DraftStage& stage, int index) {
  for (const bool output : {false, true})
    for (std::size_t port = 0; port < ports(stage, output).size(); ++port)
      add_port(stage, index, output, static_cast<int>(port));
  for (const bool output : {false, true})
    for (std::size_t port = 0; port < ports(stage, output).size(); ++port)
      link_port(stage, index, output, static_cast<int>(port));
}

void FactClasses::add_port(const DraftStage& stage, int index, bool output, int port) {
  for (const FactRule& rule : ports(stage, output)[static_cast<std::size_t>(port)].facts) {
    Known known;
    switch (rule.kind) {
      case FactRuleKind::kFree:
        known.fallback = rule.text;
        break;
      case FactRuleKind::kConstant:
        known.stated = Stated{rule.text, index, {}};
        break;
      case FactRuleKind::kOption: {
        const auto value = stage.resolved.options.find(rule.text);
        if (value == stage.resolved.options.end()) break;
        if (std::holds_alternative<Auto>(value->second.content))
          known.autos.emplace_back(index, rule.text);
        else
          known.stated = Stated{fact_text(value->second), index, rule.text};
        break;
      }
      case FactRuleKind::kSameAs:
        break;
      case FactRuleKind::kLate: {
        known.late = true;
        const std::string value =
            late_value(stage, ports(stage, output)[static_cast<std::size_t>(port)].name, rule.fact);
        if (!value.empty()) known.stated = Stated{value, index, kWeightsOption};
        break;
      }
      case FactRuleKind::kPerItem:
        known.per_item = output;
        break;
    }
    index_[{index, output, port, rule.fact}] = static_cast<int>(parent_.size());
    parent_.push_back(static_cast<int>(parent_.size()));
    known_.push_back(std::move(known));
  }
}

// "Same as fact F of port P": an output looks for P among the inputs first, an input among the outputs.
void FactClasses::link_port(const DraftStage& stage, int index, bool output, int port) {
  for (const FactRule& rule : ports(stage, output)[static_cast<std::size_t>(port)].facts) {
    if (rule.kind != FactRuleKind::kSameAs) continue;
    const int across = port_called(ports(stage, !output), rule.port);
    const int beside = port_called(ports(stage, output), rule.port);
    const PortFact other =
        across >= 0 ? PortFact{index, !output, across, rule.text} : PortFact{index, output, beside, rule.text};
    unify({index, output, port, rule.fact}, other);
  }
}

int FactClasses::root(int variable) {
  while (parent_[static_cast<std::size_t>(variable)] != variable) {
    int& parent = parent_[static_cast<std::size_t>(variable)];
    parent = parent_[static_cast<std::size_t>(parent)];
    variable = parent;
  }
  return variable;
}

Known* FactClasses::find(const PortFact& variable) {
  const auto found = index_.find(variable);
  return found == index_.end() ? nullptr : &known_[static_cast<std::size_t>(root(found->second))];
}

bool FactClasses::same(const PortFact& a, const PortFact& b) {
  const auto first = index_.find(a);
  const auto second = index_.find(b);
  return first != index_.end() && second != index_.end() && root(first->second) == root(second->second);
}

bool FactClasses::unify(const PortFact& a, const PortFact& b) {
  const auto first = index_.find(a);
  const auto second = index_.find(b);
  if (first == index_.end() || second == index_.end()) return true;
  const int into = root(first->second);
  const int from = root(second->second);
  if (into == from) return true;
  Known& kept = known_[static_cast<std::size_t>(into)];
  Known& joined = known_[static_cast<std::size_t>(from)];
  if (kept.stated && joined.stated && kept.stated->value != joined.stated->value) return false;
  if (!kept.stated) kept.stated = joined.stated;
  if (kept.fallback.empty()) kept.fallback = joined.fallback;
  kept.per_item = kept.per_item || joined.per_item;
  kept.late = kept.late || joined.late;
  kept.autos.insert(kept.autos.end(), joined.autos.begin(), joined.autos.end());
  parent_[static_cast<std::size_t>(from)] = into;
  return true;
}

}  // namespace earshot::graph
