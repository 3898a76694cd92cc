// FactClasses: variables (one a fact and port) in classes of equal ones, with what is known of each class.
//
// Invariants: parent_ leads from every variable to its class's root; known_ of a root is the class's, of others stale.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "draft.h"

namespace earshot::graph {

struct PortFact {
  int stage = 0;
  bool output = false;
  int port = 0;
  std::string fact;
  friend bool operator<(const PortFact& a, const PortFact& b) {
    return std::tie(a.stage, a.output, a.port, a.fact) < std::tie(b.stage, b.output, b.port, b.fact);
  }
};

// A value that a stage insists on.
struct Stated {
  std::string value;
  int stage = 0;
  std::string option;  // of which option it is the value; empty for a constant
};

struct Known {
  std::optional<Stated> stated;
  std::string fallback;  // a declared default
  bool per_item = false;
  bool late = false;
  std::vector<std::pair<int, std::string>> autos;  // options that wait for the value: stage, option
};

class FactClasses {
 public:
  // Every port of the stage. A stage is added once.
  void add_stage(const DraftStage& stage, int index);
  // The variable's class; null where the port has no such fact.
  Known* find(const PortFact& variable);
  [[nodiscard]] bool same(const PortFact& a, const PortFact& b);
  // Makes two variables equal. False, and nothing done, when both have stated values that differ.
  bool unify(const PortFact& a, const PortFact& b);
  [[nodiscard]] const std::map<PortFact, int>& variables() const { return index_; }

 private:
  int root(int variable);
  void add_port(const DraftStage& stage, int index, bool output, int port);
  void link_port(const DraftStage& stage, int index, bool output, int port);

  std::map<PortFact, int> index_;
  std::vector<int> parent_;
  std::vector<Known> known_;
};

// A fact's text of an option's value.
std::string fact_text(const OptionValue& value);

}  // namespace earshot::graph
