#include "training.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "earshot/pipeline/graph/nearest.h"
#include "shape.h"

namespace earshot::graph {
namespace {

bool can_train(const DraftStage& stage) {
  return stage.description != nullptr && stage.description->trainable && stage.trainable.value_or(true);
}

// Stages in front of `node` that could be trained.
std::set<int> trainable_upstream(const Draft& draft, const DraftFlow& flow, int node) {
  std::set<int> stages;
  const std::vector<bool> upstream = upstream_of(flow, node);
  for (std::size_t i = 0; i < upstream.size(); ++i)
    if (upstream[i] && can_train(draft.stage(flow, static_cast<int>(i)))) stages.insert(flow.nodes[i].stage);
  return stages;
}

bool is_step(const Draft& draft, const DraftFlow& flow, std::size_t node) {
  const PluginDescription* const description = draft.description(flow, static_cast<int>(node));
  return description != nullptr && description->kind == StageKind::kStep && !flow.nodes[node].gone;
}

// Whether an expression over STAGE/PARAMETER may fit a parameter of one of these stages. Its part before the slash is
// looked at; where that is not simple enough to be matched in bounded time, the step itself finds out.
bool may_match(const std::string& match, const std::vector<std::string>& stages) {
  constexpr std::ptrdiff_t kMostRepeats = 3;
  const std::size_t slash = match.find('/');
  const std::string part = match.substr(0, slash);
  const auto repeats =
      std::count_if(part.begin(), part.end(), [](char c) { return std::strchr("*+?{", c) != nullptr; });
  const bool groups = part.find('(') != std::string::npos;
  if (groups || repeats > kMostRepeats || (slash == std::string::npos && repeats > 0)) return true;
  if (slash == std::string::npos) return false;  // the name of a parameter has one
  try {
    const std::regex expression(part);
    return std::any_of(stages.begin(), stages.end(),
                       [&](const std::string& name) { return std::regex_match(name, expression); });
  } catch (const std::regex_error&) {
    return true;  // cut in two at the wrong place
  }
}

bool is_expression(const std::string& match) {
  constexpr std::size_t kLongest = 200;
  if (match.size() > kLongest) return false;
  try {
    const std::regex expression(match);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

// Stages whose parameters the step updates, in any flow; nothing where the flows are not whole.
std::optional<std::vector<std::string>> trained_by(const Draft& draft, int step) {
  std::set<int> reached;
  bool used = false;
  for (const DraftFlow& flow : draft.flows)
    for (std::size_t i = 0; i < flow.nodes.size(); ++i)
      if (flow.nodes[i].stage == step && !flow.nodes[i].gone) {
        if (!flow.whole) return std::nullopt;  // what is missing there would be missing here
        used = true;
        reached.merge(trainable_upstream(draft, flow, static_cast<int>(i)));
      }
  if (!used) return std::nullopt;
  std::vector<std::string> names;
  for (const int one : reached) names.push_back(draft.stages[static_cast<std::size_t>(one)].resolved.name);
  return names;
}

void check_groups_of(const Draft& draft, int step, Findings& findings) {
  const DraftStage& stage = draft.stages[static_cast<std::size_t>(step)];
  const std::optional<std::vector<std::string>> names = trained_by(draft, step);
  for (std::size_t i = 0; i < stage.resolved.groups.size(); ++i) {
    const std::string& match = stage.resolved.groups[i].match;
    if (!is_expression(match))
      findings.error(stage.group_spans[i], to_quoted(match) + " is no regular expression of at most 200 characters",
                     "expected one over STAGE/PARAMETER, as in \"audio/.*\"");
    else if (names && !match.empty() && !may_match(match, *names))
      findings.error(stage.group_spans[i], "the group " + to_quoted(match) + " matches nothing",
                     match.find('/') == std::string::npos ? "expected STAGE/PARAMETER, as in \"audio/.*\""
                                                          : did_you_mean(match.substr(0, match.find('/')), *names),
                     {"stages that " + stage.resolved.name + " trains: " + listed(*names)});
  }
}

// What keeps the outputs of a node from being cached; null for nothing.
struct Spoilers {
  const DraftStage* values = nullptr;  // a random or trained stage on which they depend
  const DraftStage* range = nullptr;   // a selector that draws: ranged stages directly behind it keep segments instead
};

std::vector<Spoilers> find_spoilers(const Draft& draft, const DraftFlow& flow) {
  std::vector<Spoilers> spoilers(flow.nodes.size());
  for (const int node : flow.order) {
    const DraftStage& stage = draft.stage(flow, node);
    if (stage.description == nullptr) continue;
    Spoilers& mine = spoilers[static_cast<std::size_t>(node)];
    for (const DraftLink& link : flow.links) {
      if (link.to != node || link.from < 0) continue;
      const Spoilers& before = spoilers[static_cast<std::size_t>(link.from)];
      if (mine.values == nullptr) mine.values = before.values;
      if (mine.range == nullptr) mine.range = before.range;
    }
    const bool selects = stage.description->header_only;
    if (!selects && !stage.description->ranged && mine.values == nullptr) mine.values = mine.range;
    if (!stage.resolved.trainable && stage.description->determinism != Determinism::kRandom) continue;
    (selects ? mine.range : mine.values) = &stage;
  }
  return spoilers;
}

// Only what can be read back from its record can be kept.
void check_storable(const DraftStage& stage, Findings& findings) {
  const PluginDescription& plugin = *stage.description;
  for (const PortDescription& port : plugin.outputs)
    if (!port.storable)
      findings.error(stage.cache, called(stage) + " cannot be cached: a " + port.kind + " cannot be kept in a store",
                     "leave it out, or cache a stage behind");
  if (plugin.outputs.empty()) findings.error(stage.cache, called(stage) + " cannot be cached: it has no output");
}

}  // namespace

void mark_trainable(Draft& draft, std::span<const ResolvedRun> runs) {
  for (const DraftFlow& flow : draft.flows) {
    const bool trained = std::any_of(runs.begin(), runs.end(), [&](const ResolvedRun& run) {
      return run.flow == flow.resolved.name && (run.epochs || run.steps);
    });
    if (!trained) continue;
    for (std::size_t i = 0; i < flow.nodes.size(); ++i)
      if (is_step(draft, flow, i))
        for (const int stage : trainable_upstream(draft, flow, static_cast<int>(i)))
          draft.stages[static_cast<std::size_t>(stage)].resolved.trainable = true;
  }
}

void check_groups(const Draft& draft, Findings& findings) {
  for (std::size_t i = 0; i < draft.stages.size(); ++i) {
    const DraftStage& stage = draft.stages[i];
    if (stage.resolved.groups.empty() || stage.description == nullptr) continue;
    if (stage.description->kind == StageKind::kStep)
      check_groups_of(draft, static_cast<int>(i), findings);
    else
      findings.error(stage.group_spans.front(), called(stage) + " takes no parameter groups: it is no step");
  }
}

void check_caches(const Draft& draft, Findings& findings) {
  const auto cached = [](const DraftStage& stage) { return stage.resolved.cache; };
  if (std::none_of(draft.stages.begin(), draft.stages.end(), cached)) return;
  for (const DraftFlow& flow : draft.flows) {
    const std::vector<Spoilers> spoilers = find_spoilers(draft, flow);
    for (const int node : flow.order) {
      const DraftStage& stage = draft.stage(flow, node);
      if (!stage.resolved.cache || stage.description == nullptr) continue;
      check_storable(stage, findings);
      const Spoilers& mine = spoilers[static_cast<std::size_t>(node)];
      const DraftStage* const found =
          mine.values == nullptr && stage.description->header_only ? mine.range : mine.values;
      if (found == nullptr) continue;
      const std::string why = found->resolved.trainable ? "trained" : "random";
      findings.error(stage.cache,
                     called(stage) + " cannot be cached: " +
                         (found == &stage ? "it is " : "it is behind " + called(*found) + ", which is ") + why,
                     "leave it out, or cache a stage before");
    }
  }
}

}  // namespace earshot::graph
