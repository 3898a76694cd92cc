#include "layers.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "assignment.h"
#include "earshot/pipeline/graph/nearest.h"
#include "keys.h"
#include "parse.h"

namespace earshot::graph {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDeepestExtends = 8;
constexpr std::int64_t kFormat = 1;

void merge(Table& into, Table layer) {
  for (Entry& entry : layer) {
    Value* const there = into.find(entry.name);
    if (there != nullptr && there->table() != nullptr && entry.value.table() != nullptr) {
      merge(*there->table(), std::move(*entry.value.table()));
    } else {
      entry.value.replaced = there != nullptr;
      into.set(entry.name, std::move(entry.value));
    }
  }
}

Table* section(Table& tree, const std::string& name) {
  Value* const value = tree.find(name);
  return value == nullptr ? nullptr : value->table();
}

// Before `layer` is merged: options that a swap of plugins leaves behind.
void mark_swaps(Table& tree, const Table& layer) {
  const Value* const theirs = layer.find("stage");
  Table* const stages = section(tree, "stage");
  if (theirs == nullptr || theirs->table() == nullptr || stages == nullptr) return;
  for (const Entry& entry : *theirs->table()) {
    const Table* const fresh = entry.value.table();
    const Value* const plugin = fresh == nullptr ? nullptr : fresh->find("plugin");
    Table* const stage = section(*stages, entry.name);
    if (stage != nullptr && plugin != nullptr && plugin->text() != nullptr) mark_left_over(*stage, *plugin->text());
  }
}

class Loader {
 public:
  Loader(const Overrides& overrides, Sources& sources, Findings& findings)
      : overrides_(overrides), sources_(sources), findings_(findings) {}

  // `from` is the `extends` that asks for it.
  std::optional<Table> load(const fs::path& file, const Span* from) {
    const std::optional<fs::path> known = announce(file, from);
    if (!known) return std::nullopt;
    std::optional<Table> own = read(file, from);
    if (!own) return std::nullopt;
    check_format(*own, file, from == nullptr);
    const fs::path folder = file.parent_path();
    part_folders_.push_back(folder.filename() == "base" ? folder : folder / "base");
    std::optional<Table> tree = Table();
    if (const Value* const extends = own->find("extends")) tree = load_base(file, *extends);
    open_files_.pop_back();
    if (!tree) return std::nullopt;
    if (const Value* const use = own->find("use"))
      if (!apply_use(*tree, *use)) return std::nullopt;
    for (const char* key : {"extends", "use", "format"}) own->erase(key);
    mark_swaps(*tree, *own);
    merge(*tree, std::move(*own));
    return tree;
  }

  // Replaces each stage that the part holds.
  bool use_part(Table& tree, const std::string& name, const Span& from) {
    const std::optional<fs::path> file = find_part(name, from);
    if (!file) return false;
    std::optional<Table> part = read(*file, &from);
    if (!part) return false;
    check_format(*part, *file, false);
    for (const Entry& entry : *part)
      if (entry.name != "stage" && entry.name != "format" && entry.name != "title")
        findings_.error(entry.value.key, "a part holds stages only, not \"" + entry.name + "\"",
                        "expected [stage.NAME]");
    Table* const stages = section(*part, "stage");
    if (stages == nullptr) {
      findings_.error(from, "the part \"" + name + "\" holds no stage",
                      "expected [stage.NAME] in " + file->generic_string());
      return false;
    }
    if (section(tree, "stage") == nullptr) tree.set("stage", *part->find("stage")).content = Table();
    for (Entry& entry : *stages) replace_stage(*section(tree, "stage"), std::move(entry), name, from);
    return true;
  }

  [[nodiscard]] std::vector<fs::path> part_folders() const {
    std::vector<fs::path> folders = part_folders_;
    for (const fs::path& folder : overrides_.graph_folders) folders.push_back(folder / "base");
    std::vector<fs::path> distinct;
    for (const fs::path& folder : folders)
      if (std::find(distinct.begin(), distinct.end(), folder) == distinct.end()) distinct.push_back(folder);
    return distinct;
  }

 private:
  // Notes that `file` is being read; nothing, with a finding, where that would go round or too deep.
  std::optional<fs::path> announce(const fs::path& file, const Span* from) {
    std::error_code ignored;
    fs::path known = fs::weakly_canonical(file, ignored);
    if (std::find(open_files_.begin(), open_files_.end(), known) != open_files_.end()) {
      findings_.error(*from, "extends goes round: " + file.generic_string() + " is being extended already");
      return std::nullopt;
    }
    if (open_files_.size() > kDeepestExtends) {
      findings_.error(*from,
                      "extends goes too deep: at most " + std::to_string(kDeepestExtends) + " files below a graph");
      return std::nullopt;
    }
    open_files_.push_back(known);
    return known;
  }

  std::optional<Table> read(const fs::path& file, const Span* from) {
    const std::string name = file.generic_string();
    std::error_code failure;
    const bool regular = fs::is_regular_file(file, failure);
    std::ifstream stream;
    if (regular) stream.open(file, std::ios::binary);
    if (!stream.is_open()) {
      report_missing(file, from, fs::exists(file, failure));
      return std::nullopt;
    }
    std::string text(kMaxFileBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    sources_.add_file(name, text);
    return parse_file(name, text, findings_);
  }

  void report_missing(const fs::path& file, const Span* from, bool exists) {
    const std::string what = exists ? "cannot be read as a file" : "does not exist";
    if (from == nullptr) {
      findings_.error({{file.generic_string(), 0, 0}, 1}, "the graph file " + what, did_you_mean_graph(file));
      return;
    }
    findings_.error(*from, file.generic_string() + " " + what, did_you_mean_graph(file));
  }

  static std::string did_you_mean_graph(const fs::path& file) {
    const std::string stem = near_by({file});
    return stem.empty() ? "" : "did you mean \"" + stem + ".toml\"?";
  }

  static std::string part_hint(const fs::path& part, const std::string& stem) {
    return stem.empty() ? "" : "did you mean \"" + (part.parent_path() / stem).generic_string() + "\"?";
  }

  // The stem of a graph in the same folder as one of `files` with nearly its name.
  static std::string near_by(const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    for (const fs::path& file : files) add_graphs_beside(file, names);
    std::sort(names.begin(), names.end());
    return nearest(files.front().stem().string(), names);
  }

  static void add_graphs_beside(const fs::path& file, std::vector<std::string>& names) {
    constexpr int kMostFiles = 1000;
    std::error_code failure;
    const fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
    int seen = 0;
    for (fs::directory_iterator i(folder, failure), end; !failure && i != end && seen < kMostFiles;
         i.increment(failure), ++seen)
      if (i->path().extension() == ".toml") names.push_back(i->path().stem().string());
  }

  void check_format(const Table& own, const fs::path& file, bool outermost) {
    const Value* const format = own.find("format");
    if (format == nullptr) {
      if (outermost)
        findings_.error({{file.generic_string(), 1, 1}, 1}, "the graph does not say its format", "expected format = 1");
      return;
    }
    const auto* const number = std::get_if<std::int64_t>(&format->content);
    if (number == nullptr || *number != kFormat)
      findings_.error(format->where, "format is " + describe(*format) + ": this earshot reads format 1", "expected 1");
  }

  std::optional<Table> load_base(const fs::path& file, const Value& extends) {
    const std::string* const name = extends.text();
    if (name == nullptr || name->empty() || fs::path(*name).is_absolute()) {
      findings_.error(extends.where, "extends is " + describe(extends), "expected a path relative to this file");
      return std::nullopt;
    }
    std::error_code ignored;
    fs::path base = (file.parent_path() / *name).lexically_normal();
    for (auto folder = overrides_.graph_folders.begin();
         !fs::exists(base, ignored) && folder != overrides_.graph_folders.end(); ++folder)
      if (fs::exists(*folder / *name, ignored)) base = (*folder / *name).lexically_normal();
    return load(base, &extends.where);
  }

  bool apply_use(Table& tree, const Value& use) {
    const Array* const names = use.array();
    if (names == nullptr) {
      findings_.error(use.where, "use is " + describe(use), "expected a list of parts, as in [\"audio/passt\"]");
      return false;
    }
    bool whole = true;
    for (const Value& name : *names) {
      if (name.text() == nullptr) findings_.error(name.where, "a part is named by a text, not by " + describe(name));
      whole = name.text() != nullptr && use_part(tree, *name.text(), name.where) && whole;
    }
    return whole;
  }

  std::optional<fs::path> find_part(const std::string& name, const Span& from) {
    const fs::path relative(name);
    const bool leaves =
        std::any_of(relative.begin(), relative.end(), [](const fs::path& step) { return step == ".."; });
    if (name.empty() || leaves || relative.is_absolute()) {
      findings_.error(from, "\"" + name + "\" is not the name of a part",
                      "expected one below base/, as in audio/passt");
      return std::nullopt;
    }
    std::vector<fs::path> places;
    for (const fs::path& folder : part_folders()) places.push_back(folder / (name + ".toml"));
    std::vector<std::string> looked;
    std::error_code ignored;
    for (const fs::path& place : places) {
      if (fs::is_regular_file(place, ignored)) return place.lexically_normal();
      looked.push_back(place.lexically_normal().generic_string());
    }
    findings_.error(from, "there is no part \"" + name + "\"", part_hint(relative, near_by(places)),
                    {"looked for " + joined(looked)});
    return std::nullopt;
  }

  void replace_stage(Table& stages, Entry entry, const std::string& part, const Span& from) {
    std::string dropped;  // beside the plugin, which is what a part is there to replace
    if (const Table* const old = section(stages, entry.name))
      for (const Entry& option : *old)
        if (option.name != "plugin")
          dropped += (dropped.empty() ? "" : ", ") + option.name + " = " + to_toml(option.value);
    if (!dropped.empty())
      findings_.note(from, "\"" + part + "\" takes the place of [stage." + entry.name + "]", "dropped: " + dropped);
    stages.set(entry.name, std::move(entry.value));
  }

  const Overrides& overrides_;
  Sources& sources_;
  Findings& findings_;
  std::vector<fs::path> open_files_;
  std::vector<fs::path> part_folders_;  // of the files read so far
};

}  // namespace

std::optional<Layers> load_layers(const fs::path& file, const Overrides& overrides, Sources& sources,
                                  Findings& findings) {
  Loader loader(overrides, sources, findings);
  std::optional<Table> tree = loader.load(file, nullptr);
  for (const Override& use : overrides.uses) {
    sources.add_argument(use.argument, use.text);
    Span span;
    span.origin = Origin{kArgument, use.argument, 1};
    span.length = code_points(use.text);
    if (tree && !loader.use_part(*tree, use.text, span)) tree.reset();
  }
  for (const Override& set : overrides.sets) {
    sources.add_argument(set.argument, set.text);
    if (!tree) continue;
    if (std::optional<Assignment> assignment = parse_assignment(set.text, set.argument, findings))
      assign(*tree, std::move(*assignment), findings);
  }
  if (!tree) return std::nullopt;
  return Layers{*std::move(tree), loader.part_folders()};
}

}  // namespace earshot::graph
