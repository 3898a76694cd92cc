#include "training.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fnmatch.h>

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

void check_groups_of(const Draft& draft, int step, Findings& findings) {
  const DraftStage& stage = draft.stages[static_cast<std::size_t>(step)];
  std::set<int> reached;
  bool used = false;
  for (const DraftFlow& flow : draft.flows)
    for (std::size_t i = 0; i < flow.nodes.size(); ++i)
      if (flow.nodes[i].stage == step && !flow.nodes[i].gone) {
        if (!flow.whole) return;  // what is missing there would be missing here
        used = true;
        reached.merge(trainable_upstream(draft, flow, static_cast<int>(i)));
      }
  std::vector<std::string> names;
  for (const int one : reached) names.push_back(draft.stages[static_cast<std::size_t>(one)].resolved.name);
  for (std::size_t i = 0; used && i < stage.resolved.groups.size(); ++i) {
    const std::string& match = stage.resolved.groups[i].match;
    const std::string pattern = match.substr(0, match.find('/'));
    const bool any = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    });
    if (!any && !match.empty())
      findings.error(stage.group_spans[i], "the group \"" + match + "\" matches nothing", did_you_mean(pattern, names),
                     {"stages that " + stage.resolved.name + " trains: " + listed(names)});
  }
}

// The random or trained stage on which the outputs of `node` depend, for a reason not to cache them; null for none.
// A selector's random choice does not matter to ranged stages directly behind it.
const DraftStage* spoiler(const Draft& draft, const DraftFlow& flow, int node) {
  const DraftStage& stage = draft.stage(flow, node);
  if (stage.description == nullptr) return nullptr;
  if (stage.resolved.trainable || stage.description->determinism == Determinism::kRandom) return &stage;
  for (const DraftLink& link : flow.links) {
    if (link.to != node || link.from < 0) continue;
    const DraftStage& before = draft.stage(flow, link.from);
    const bool selector = before.description != nullptr && before.description->header_only;
    if (selector && stage.description->ranged) continue;
    if (const DraftStage* const found = spoiler(draft, flow, link.from)) return found;
  }
  return nullptr;
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
  for (const DraftFlow& flow : draft.flows)
    for (const int node : flow.order) {
      const DraftStage& stage = draft.stage(flow, node);
      if (!stage.resolved.cache) continue;
      const DraftStage* const found = spoiler(draft, flow, node);
      if (found == nullptr) continue;
      const std::string why = found->resolved.trainable ? "trained" : "random";
      findings.error(stage.cache,
                     called(stage) + " cannot be cached: " +
                         (found == &stage ? "it is " : "it is behind " + called(*found) + ", which is ") + why,
                     "leave it out, or cache a stage before");
    }
}

}  // namespace earshot::graph
