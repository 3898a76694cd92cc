#include "runs.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/graph/quantity.h"
#include "flows.h"
#include "keys.h"

namespace earshot::graph {
namespace {

constexpr std::size_t kMostEntries = 100;
constexpr std::size_t kMostValidations = 10;  // of an entry

const std::vector<std::string>& run_keys() {
  static const std::vector<std::string> kKeys = {"flow", "epochs",    "steps",    "set",
                                                 "init", "optimiser", "validate", "weights"};
  return kKeys;
}

// The names of what a stage reports with its options.
std::vector<std::string> metrics_of(const ResolvedStage& stage) {
  const auto value_of = [&](const std::string& option) {
    const auto found = stage.options.find(option);
    if (found == stage.options.end()) return std::string();
    const auto* const text = std::get_if<std::string>(&found->second.content);
    return text == nullptr ? to_text(found->second) : *text;
  };
  std::vector<std::string> names;
  for (const MetricDescription& metric : stage.description.metrics) {
    if (!metric.option.empty() && value_of(metric.option) != metric.value) continue;
    std::string name = metric.name;
    if (const std::size_t open = name.find('{'); open != std::string::npos) {
      const std::size_t length = name.find('}', open) - open + 1;
      name.replace(open, length, value_of(name.substr(open + 1, length - 2)));
    }
    names.push_back(std::move(name));
  }
  return names;
}

class RunReader {
 public:
  RunReader(const Draft& draft, Findings& findings) : draft_(draft), findings_(findings) {}

  void read(const Value& entry) {
    if (entry.table() == nullptr) {
      findings_.error(entry.where, "a run entry is " + describe(entry), "expected [[run]]");
      return;
    }
    const Reader reader(*entry.table(), "a run entry", run_keys(), findings_);
    ResolvedRun run;
    run.origin = entry.where.origin;
    run.epochs = reader.whole("epochs", 1);
    run.steps = reader.whole("steps", 1);
    run.init = reader.text("init").value_or("");
    run.fresh_optimiser = reader.choice("optimiser", {"keep", "fresh"}).value_or("keep") == "fresh";
    const std::vector<Assignment> set = read_set(reader);
    const DraftFlow* const flow = find_flow(reader, entry.where);
    if (flow != nullptr) {
      run.flow = flow->resolved.name;
      run.flows.push_back(with_set(*flow, set, {}));
      check_length(reader, *flow, entry.where);
    }
    read_validations(reader, set, run);
    read_weights(reader, run);
    runs_.push_back(std::move(run));
  }

  void check_selections() {
    for (const Selection& selection : selections_)
      if (selection.whole) check_metric(selection);
    check_splits();
  }

  std::vector<ResolvedRun> take() { return std::move(runs_); }

 private:
  struct Selection {
    std::size_t run = 0;
    std::size_t flow = 0;
    std::size_t validation = 0;
    bool whole = false;  // the flow has all its stages
    Span span;
  };

  void check_metric(const Selection& selection) {
    const ResolvedRun& run = runs_[selection.run];
    const ResolvedFlow& flow = run.flows[selection.flow];
    std::vector<std::string> names;
    for (const ResolvedNode& node : flow.nodes) {
      const ResolvedStage& stage = draft_.stages[static_cast<std::size_t>(node.stage)].resolved;
      for (std::string& name : metrics_of(stage)) names.push_back(std::move(name));
    }
    const std::string& wanted = run.validate[selection.validation].select;
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return;
    findings_.error(selection.span, "flow \"" + flow.name + "\" reports no \"" + wanted + "\" to select by",
                    did_you_mean(wanted, names), {"metrics: " + listed(names)});
  }

  // A selection on what a later entry reports would report its own tuning.
  void check_splits() {
    for (const Selection& selection : selections_)
      for (std::size_t later = selection.run + 1; later < runs_.size(); ++later) {
        const ResolvedRun& reported = runs_[later];
        if (reported.flows.empty() || reported.flows.front().trains) continue;
        const ResolvedFlow& mine = runs_[selection.run].flows[selection.flow];
        const ResolvedFlow& theirs = reported.flows.front();
        if (mine.split != theirs.split || !share_source(mine, theirs)) continue;
        findings_.error(selection.span,
                        "weights are selected on split \"" + mine.split + "\", which a later run entry reports",
                        "select on another: set = { \"flow." + mine.name + ".split\" = \"validation\" }");
        break;
      }
  }

  const DraftFlow* find_flow(const Reader& reader, const Span& entry) {
    const Value* const name = reader.find("flow");
    if (name == nullptr) {
      findings_.error(entry, "the entry names no flow", "expected flow = \"...\"");
      return nullptr;
    }
    const std::optional<std::string> text = reader.text("flow");
    std::vector<std::string> names;
    for (const DraftFlow& flow : draft_.flows) {
      if (text && flow.resolved.name == *text) return &flow;
      names.push_back(flow.resolved.name);
    }
    if (text)
      findings_.error(name->where, "there is no flow \"" + *text + "\"", did_you_mean(*text, names),
                      {"flows: " + listed(names)});
    return nullptr;
  }

  void check_length(const Reader& reader, const DraftFlow& flow, const Span& entry) {
    const Value* const epochs = reader.find("epochs");
    const Value* const steps = reader.find("steps");
    if (epochs != nullptr && steps != nullptr)
      findings_.error(steps->where, "the entry says both epochs and steps", "expected one of them");
    const Value* const length = epochs != nullptr ? epochs : steps;
    if (!flow.whole) return;
    if (flow.resolved.trains && length == nullptr)
      findings_.error(entry, "the entry trains flow \"" + flow.resolved.name + "\" and does not say for how long",
                      "expected epochs or steps");
    if (!flow.resolved.trains && length != nullptr)
      findings_.error(length->key, "flow \"" + flow.resolved.name + "\" has no step: nothing is trained",
                      "leave it out");
  }

  std::vector<Assignment> read_set(const Reader& reader) {
    const Table* const table = reader.table("set");
    if (table == nullptr) return {};
    std::vector<Assignment> out;
    for (Assignment& assignment : assignments_of(*table))
      if (fits(assignment)) out.push_back(std::move(assignment));
    return out;
  }

  bool fits(const Assignment& assignment) {
    const std::vector<PathPart>& path = assignment.path;
    if (path.size() < 3 || path[0].name != "flow") {
      findings_.error(
          assignment.value.key,
          "\"" + path_text(assignment) + "\" cannot be set by a run entry: stages stay as they are from entry to entry",
          "expected flow.NAME.KEY",
          {"keys: " + joined(settable_flow_keys()),
           "options of stages vary with [repeat], or in a graph that extends this one"});
      return false;
    }
    std::vector<std::string> names;
    for (const DraftFlow& flow : draft_.flows) names.push_back(flow.resolved.name);
    const std::vector<std::string>& keys = settable_flow_keys();
    if (std::find(names.begin(), names.end(), path[1].name) == names.end()) {
      findings_.error(path[1].span, "there is no flow \"" + path[1].name + "\"", did_you_mean(path[1].name, names),
                      {"flows: " + listed(names)});
      return false;
    }
    if (std::find(keys.begin(), keys.end(), path[2].name) == keys.end()) {
      findings_.error(path[2].span, "a run entry cannot set \"" + path[2].name + "\" of a flow",
                      did_you_mean(path[2].name, keys), {"keys: " + joined(keys)});
      return false;
    }
    return true;
  }

  // The flow with `first` and then `second` applied.
  ResolvedFlow with_set(const DraftFlow& flow, const std::vector<Assignment>& first,
                        const std::vector<Assignment>& second) {
    Table root;
    Value flows;
    Value own;
    own.content = *flow.table;
    flows.content = Table();
    flows.table()->set(flow.resolved.name, std::move(own));
    root.set("flow", std::move(flows));
    for (const std::vector<Assignment>* const set : {&first, &second})
      for (const Assignment& assignment : *set)
        if (assignment.path[1].name == flow.resolved.name) assign(root, assignment, findings_);
    const Table& table = *root.find("flow")->table()->find(flow.resolved.name)->table();
    ResolvedFlow out = read_flow_keys(table, flow.resolved.name, {}, findings_);
    out.trains = flow.resolved.trains;
    if (table.find("shuffle") == nullptr) out.shuffle = out.trains;
    out.nodes = flow.resolved.nodes;
    out.edges = flow.resolved.edges;
    out.origin = flow.resolved.origin;
    return out;
  }

  void read_validations(const Reader& reader, const std::vector<Assignment>& set, ResolvedRun& run) {
    const Array* const list = reader.array("validate");
    if (list == nullptr) return;
    if (list->size() > kMostValidations)
      reader.wrong("validate", "at most " + std::to_string(kMostValidations) + " entries");
    if (list->size() > kMostValidations) return;
    for (const Value& entry : *list) {
      if (entry.table() == nullptr)
        findings_.error(entry.where, "an entry of validate is " + describe(entry),
                        "expected { flow = \"...\", every = \"20 %\" }");
      else
        read_validation(entry, set, run);
    }
  }

  void read_validation(const Value& entry, const std::vector<Assignment>& set, ResolvedRun& run) {
    const Reader reader(*entry.table(), "an entry of validate", {"flow", "set", "every", "select", "keep"}, findings_);
    ResolvedValidation out;
    out.select = reader.text("select").value_or("");
    out.keep = reader.whole("keep", 1).value_or(1);
    read_every(reader, out);
    const std::vector<Assignment> own = read_set(reader);
    for (const Assignment& assignment : own) out.set[path_text(assignment)] = plain_value(assignment.value);
    if (const DraftFlow* const flow = find_flow(reader, entry.where)) {
      if (flow->resolved.trains)
        findings_.error(reader.find("flow")->where,
                        "flow \"" + flow->resolved.name + "\" holds a step: it cannot validate");
      out.flow = flow->resolved.name;
      out.resolved = static_cast<int>(run.flows.size());
      run.flows.push_back(with_set(*flow, set, own));
      if (!out.select.empty() && !flow->resolved.trains)
        selections_.push_back(
            {runs_.size(), run.flows.size() - 1, run.validate.size(), flow->whole, reader.find("select")->where});
    }
    run.validate.push_back(std::move(out));
  }

  static void read_every(const Reader& reader, ResolvedValidation& out) {
    const Value* const every = reader.find("every");
    out.every_share = 1.0;
    if (every == nullptr) return;
    if (const auto* const steps = std::get_if<std::int64_t>(&every->content); steps != nullptr && *steps >= 1) {
      out.every_share.reset();
      out.every_steps = *steps;
      return;
    }
    const Result<double> share = every->text() == nullptr ? Result<double>(-1.0) : read_quantity(*every->text(), "");
    if (share.ok() && *share > 0 && *share <= 1)
      out.every_share = *share;
    else
      reader.wrong("every", "a share of an epoch as in \"20 %\", or a number of steps");
  }

  void read_weights(const Reader& reader, ResolvedRun& run) {
    const std::optional<std::string> text = reader.text("weights");
    if (!text || *text == "last") return;
    run.weights = WeightsChoice::kBest;
    if (text->starts_with("best:")) {
      const char* const end = text->data() + text->size();
      const auto [rest, failure] = std::from_chars(text->data() + 5, end, run.best_count);
      if (failure != std::errc() || rest != end || run.best_count < 1)
        return reader.wrong("weights", "last, best or best:N");
    } else if (*text != "best") {
      return reader.wrong("weights", "last, best or best:N");
    }
    if (selections_.empty() && run.init.empty())
      findings_.error(reader.find("weights")->where, "no earlier run entry selects: there are no best weights",
                      "expected validate with select before it");
  }

  bool share_source(const ResolvedFlow& a, const ResolvedFlow& b) const {
    for (const ResolvedNode& mine : a.nodes)
      for (const ResolvedNode& theirs : b.nodes)
        if (mine.stage == theirs.stage &&
            draft_.stages[static_cast<std::size_t>(mine.stage)].resolved.description.kind == StageKind::kSource)
          return true;
    return false;
  }

  const Draft& draft_;
  Findings& findings_;
  std::vector<ResolvedRun> runs_;
  std::vector<Selection> selections_;
};

}  // namespace

OptionValue plain_value(const Value& value) {
  if (const bool* const flag = std::get_if<bool>(&value.content)) return {*flag};
  if (const auto* const whole = std::get_if<std::int64_t>(&value.content)) return {*whole};
  if (const double* const number = std::get_if<double>(&value.content)) return {*number};
  if (value.text() != nullptr) return {*value.text()};
  if (const Array* const array = value.array()) {
    OptionValue::List list;
    for (const Value& item : *array) list.push_back(plain_value(item));
    return {std::move(list)};
  }
  return {to_toml(value)};
}

std::vector<ResolvedRun> read_runs(const Table& tree, const Draft& draft, Findings& findings) {
  RunReader runs(draft, findings);
  const Value* const list = tree.find("run");
  if (list == nullptr) return {};
  if (list->array() == nullptr) {
    findings.error(list->where, "\"run\" is " + describe(*list), "expected [[run]], once for each entry");
    return {};
  }
  if (list->array()->size() > kMostEntries) {
    findings.error(list->where, "the graph has more than " + std::to_string(kMostEntries) + " run entries");
    return {};
  }
  for (const Value& entry : *list->array()) runs.read(entry);
  runs.check_selections();
  return runs.take();
}

}  // namespace earshot::graph
