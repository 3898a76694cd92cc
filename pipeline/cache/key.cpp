#include "earshot/pipeline/cache/key.h"

#include <algorithm>
#include <map>
#include <utility>

#include "earshot/contract/content_id.h"
#include "earshot/contract/fact_record.h"

namespace earshot::cache {
namespace {

using Parts = std::vector<std::pair<std::string, std::string>>;

// Lengths in front, so that no value can pass for the end of another.
void append(std::string& text, std::string_view name, std::string_view value) {
  text += std::to_string(name.size()) + ":" + std::string(name) + " " + std::to_string(value.size()) + ":" +
          std::string(value) + "\n";
}

std::string recipe_hash(const Parts& parts) {
  std::string text;
  for (const auto& [name, value] : parts) append(text, name, value);
  return content_id(text);
}

// Whether the stage's parameters are drawn anew: from the graph's seed and the stage's name.
bool draws_weights(const graph::ResolvedStage& stage) {
  return stage.weights ? stage.weights->drawn : stage.description.trainable;
}

class Recipes {
 public:
  Recipes(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow, const FileId& file_id)
      : graph_(graph), flow_(flow), file_id_(file_id), recipes_(flow.nodes.size()), whole_(flow.nodes.size()) {}

  Result<std::vector<Recipe>> make() {
    for (std::size_t node = 0; node < flow_.nodes.size(); ++node)
      if (const Status made = make(static_cast<int>(node)); !made.ok()) return made.error();
    return std::move(recipes_);
  }

 private:
  [[nodiscard]] const graph::ResolvedStage& stage(int node) const {
    return graph_.stages[static_cast<std::size_t>(flow_.nodes[static_cast<std::size_t>(node)].stage)];
  }
  [[nodiscard]] bool is_source(int node) const { return stage(node).description.kind == StageKind::kSource; }
  [[nodiscard]] bool is_selector(int node) const { return stage(node).description.header_only; }

  Status make(int node) {
    Recipe& recipe = recipes_[static_cast<std::size_t>(node)];
    recipe.description.stage = stage(node).name;
    if (is_source(node)) return {};
    Result<Parts> own = own_parts(stage(node));
    if (!own.ok()) return own.error();
    for (const auto& [name, value] : *own) say(recipe, recipe.description.stage + "." + name, value);
    Parts skipping = *own;
    Parts whole = *std::move(own);
    const StageKind kind = stage(node).description.kind;
    recipe.children = kind == StageKind::kExpand && !is_selector(node);
    recipe.ranged = stage(node).description.ranged;
    recipe.numeric = stage(node).description.determinism == Determinism::kNumeric;
    recipe.on_gpu = stage(node).device != "cpu";
    for (const graph::ResolvedEdge* const edge : inputs(node)) {
      const std::string port = "input " + stage(node).description.inputs[static_cast<std::size_t>(edge->to_port)].name;
      whole.emplace_back(port, whole_input(*edge));
      // A collapse depends on how many children there were: selectors count as any other stage.
      if (kind == StageKind::kCollapse)
        add_collapsed(recipe, edge->from);
      else
        skipping.emplace_back(port, add_input(recipe, *edge));
    }
    whole_[static_cast<std::size_t>(node)] = recipe_hash(whole);
    recipe.hash = kind == StageKind::kCollapse ? whole_[static_cast<std::size_t>(node)] : recipe_hash(skipping);
    return {};
  }

  // In the order of ports, then of what is wired to them.
  [[nodiscard]] std::vector<const graph::ResolvedEdge*> inputs(int node) const {
    std::vector<const graph::ResolvedEdge*> edges;
    for (const graph::ResolvedEdge& edge : flow_.edges)
      if (edge.to == node) edges.push_back(&edge);
    std::ranges::stable_sort(edges, {}, &graph::ResolvedEdge::to_port);
    return edges;
  }

  [[nodiscard]] const PortDescription& output(const graph::ResolvedEdge& edge) const {
    return stage(edge.from).description.outputs[static_cast<std::size_t>(edge.from_port)];
  }

  [[nodiscard]] std::string whole_input(const graph::ResolvedEdge& edge) const {
    if (is_source(edge.from)) return "source " + output(edge).kind;
    return whole_[static_cast<std::size_t>(edge.from)] + "." + output(edge).name;
  }

  // What the recipe says of an input; its origins and its parts are added.
  std::string add_input(Recipe& recipe, const graph::ResolvedEdge& edge) {
    const graph::ResolvedEdge* at = &edge;
    int selector = -1;
    while (is_selector(at->from)) {
      if (selector < 0) selector = at->from;
      at = inputs(at->from).front();
    }
    const Recipe& before = recipes_[static_cast<std::size_t>(at->from)];
    if (is_source(at->from)) {
      add_origin(recipe, {at->from, at->from_port, selector});
      return "source " + output(*at).kind;
    }
    for (Origin origin : before.origins) {
      if (selector >= 0) origin.selector = selector;
      add_origin(recipe, origin);
    }
    recipe.children = recipe.children || before.children;
    add_machine(recipe, before);
    recipe.ranged = recipe.ranged && before.ranged && selector < 0;
    for (const auto& [name, value] : before.description.parts) say(recipe, name, value);
    return before.hash + "." + output(*at).name;
  }

  // Origins of everything in front, without ranges.
  void add_collapsed(Recipe& recipe, int from) {
    add_machine(recipe, recipes_[static_cast<std::size_t>(from)]);
    for (const graph::ResolvedEdge* const edge : inputs(from)) {
      if (is_source(edge->from))
        add_origin(recipe, {edge->from, edge->from_port, -1});
      else
        add_collapsed(recipe, edge->from);
    }
    if (const Result<Parts> own = own_parts(stage(from)); own.ok())
      for (const auto& [name, value] : *own) say(recipe, stage(from).name + "." + name, value);
  }

  static void add_machine(Recipe& recipe, const Recipe& before) {
    recipe.numeric = recipe.numeric || before.numeric;
    recipe.on_gpu = recipe.on_gpu || before.on_gpu;
  }
  static void add_origin(Recipe& recipe, const Origin& origin) {
    if (std::ranges::find(recipe.origins, origin) == recipe.origins.end()) recipe.origins.push_back(origin);
  }
  static void say(Recipe& recipe, const std::string& name, const std::string& value) {
    auto& parts = recipe.description.parts;
    if (std::ranges::find(parts, name, &std::pair<std::string, std::string>::first) == parts.end())
      parts.emplace_back(name, value);
  }

  Result<Parts> own_parts(const graph::ResolvedStage& one) {
    Parts parts = {{"plugin", one.description.name + " " + std::to_string(one.description.algorithm)},
                   {"precision", one.precision}};
    if (!one.cache_form.empty()) parts.emplace_back("form", one.cache_form);
    std::map<std::string, std::string> options;
    for (const OptionDescription& option : one.description.options) {
      const auto value = one.options.find(option.name);
      if (!option.affects_output || value == one.options.end()) continue;
      if (option.name == kWeightsOption && one.weights) continue;  // its files count, not what they are called
      if (!option.required && value->second == option.default_value) continue;
      Result<std::string> text = option_text(option, value->second);
      if (!text.ok())
        return Error{text.error().code,
                     "stage '" + one.name + "', option '" + option.name + "': " + text.error().message};
      options[option.name] = *std::move(text);
    }
    for (auto& [name, text] : options) parts.emplace_back(name, std::move(text));
    for (const auto& [port, facts] : one.facts)
      for (const auto& [fact, text] : facts) {
        std::string name = "fact ";
        name.append(port).append(".").append(fact);
        parts.emplace_back(std::move(name), fact_identity(text));
      }
    if (const Status added = add_weights(one, parts); !added.ok()) return added.error();
    return parts;
  }

  Status add_weights(const graph::ResolvedStage& one, Parts& parts) {
    std::vector<std::filesystem::path> files;
    if (one.weights) files = one.weights->files;
    if (one.description.trainable)
      for (const graph::ResolvedRun& run : graph_.runs)
        if (!run.init.empty()) files.emplace_back(run.init);
    if (draws_weights(one)) parts.emplace_back("drawn from", std::to_string(graph_.seed) + " " + one.name);
    for (const std::filesystem::path& file : files) {
      Result<std::string> id = file_id_(file);
      if (!id.ok()) return Error{id.error().code, "stage '" + one.name + "': " + id.error().message};
      parts.emplace_back("weights", *std::move(id));
    }
    return {};
  }

  // A file by its content. Only absent ones count by name: a stage may give such a name a meaning of its own.
  Result<std::string> option_text(const OptionDescription& option, const OptionValue& value) {
    const auto* const path = std::get_if<std::string>(&value.content);
    if (option.type != OptionType::kFile || path == nullptr || path->empty()) return to_text(value);
    std::error_code failure;
    if (!std::filesystem::exists(*path, failure)) return to_text(value);
    return file_id_(*path);
  }

  const graph::ResolvedGraph& graph_;
  const graph::ResolvedFlow& flow_;
  const FileId& file_id_;
  std::vector<Recipe> recipes_;
  std::vector<std::string> whole_;  // hashes in which selectors count
};

}  // namespace

Result<std::vector<Recipe>> recipes_of(const graph::ResolvedGraph& graph, const graph::ResolvedFlow& flow,
                                       const FileId& file_id) {
  return Recipes(graph, flow, file_id).make();
}

std::string contents_text(std::string_view content, const std::optional<TimeRange>& range) {
  std::string text(content);
  if (!range) return text;
  text += " " + std::to_string(range->start_ms) + "+";
  return range->length_ms ? text + std::to_string(*range->length_ms) : text;
}

ContentKey key_of(const Recipe& recipe, std::string_view port, std::string_view contents) {
  std::string text;
  append(text, recipe.hash, port);
  append(text, "contents", contents);
  return content_key_of(content_id(text)).value_or(ContentKey{});
}

std::vector<ChangedPart> changed_parts(const Description& before, const Description& after) {
  std::map<std::string, ChangedPart> parts;
  for (const auto& [name, value] : before.parts) parts[name].before = value;
  for (const auto& [name, value] : after.parts) parts[name].after = value;
  std::vector<ChangedPart> changed;
  for (auto& [name, part] : parts)
    if (part.before != part.after) changed.push_back({name, part.before, part.after});
  return changed;
}

}  // namespace earshot::cache
