#include "subject.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "earshot/audio/front_end.h"
#include "earshot/audio/recording.h"
#include "earshot/contract/content_id.h"
#include "earshot/text/tokeniser.h"
#include "wav_file.h"

namespace earshot::conformance {
namespace {

namespace fs = std::filesystem;

// A folder of recordings that lives as long as the program: what sources that read files are given.
class Files {
 public:
  Files() : folder_(fs::temp_directory_path() / ("earshot_conformance_" + std::to_string(getpid()))) {
    for (const char* name : {"1-100-A-0.wav", "1-101-A-10.wav", "2-102-A-0.wav", "2-103-A-10.wav"}) {
      testing::write_wav(folder_ / "001" / name);
      std::ofstream((folder_ / "001" / name).replace_extension(".txt")) << "A sine.\nA tone that goes on.\n";
    }
  }
  ~Files() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  [[nodiscard]] std::string path() const { return folder_.string(); }
  [[nodiscard]] std::string file(const char* name) const { return (folder_ / "001" / name).string(); }

 private:
  fs::path folder_;
};

const Files& files() {
  static const Files files;
  return files;
}

// What the defaults of a plugin leave open, and sizes that keep the suite short.
OptionValues options_for(const PluginDescription& description) {
  OptionValues options;
  for (const OptionDescription& option : description.options) {
    if (option.required && option.type == OptionType::kFile) options[option.name] = {files().path()};
    if (description.kind == StageKind::kSource && option.type == OptionType::kFile && option.list)
      options[option.name] = {OptionValue::List{{files().file("1-100-A-0.wav")}, {files().file("2-103-A-10.wav")}}};
    // A source of texts given in the graph.
    if (description.kind == StageKind::kSource && option.type == OptionType::kString && option.list)
      options[option.name] = {OptionValue::List{{std::string("rain")}, {std::string("a dog barks")}}};
  }
  if (description.weights) options["weights"] = {std::string("random")};
  if (description.trainable) {
    // Encoders with published sizes are large; their architecture is the same with two blocks of one head.
    for (const auto& [name, value] : {std::pair{"depth", 2}, std::pair{"width", 64}})
      if (std::ranges::find(description.options, name, &OptionDescription::name) != description.options.end())
        options[name] = {std::int64_t{value}};
  }
  if (description.name == "scenes") {
    options["palette"] = {std::string("synthetic")};
    for (const char* split : {"train", "validation", "test"}) options[split] = {std::int64_t{5}};
  }
  return options;
}

std::string option_text(const PluginDescription& description, const OptionValues& options, const std::string& name) {
  const auto given = options.find(name);
  const auto declared = std::ranges::find(description.options, name, &OptionDescription::name);
  const OptionValue& value = given != options.end() ? given->second : declared->default_value;
  if (std::holds_alternative<Auto>(value.content)) return {};
  const auto* text = std::get_if<std::string>(&value.content);
  return text != nullptr ? *text : to_text(value);
}

// What a wire would have brought, by name of the fact.
std::string sample_fact(const std::string& fact) {
  if (fact == "sample_rate") return "16000";
  if (fact == "front_end") return audio::FrontEnd{}.to_text();
  if (fact == "tokeniser") return text::Tokeniser{}.to_text();
  return "8";
}

}  // namespace

const plugins::Catalogue& catalogue() {
  static const plugins::Catalogue all = [] {
    const fs::path folder = fs::path(EARSHOT_BINARY_DIR) / "lib/earshot/plugins";
    return plugins::Catalogue::scan({&folder, 1});
  }();
  return all;
}

std::vector<std::string> plugins_of(std::span<const StageKind> kinds) {
  std::vector<std::string> names = catalogue().names();
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::find(kinds, catalogue().find(name)->kind) == kinds.end();
  });
  return names;
}

Subject::Subject(const std::string& name) : description_(catalogue().find(name)), options_(options_for(*description_)) {
  const Result<const PluginEntry*> entry = catalogue().load(name);
  entry_ = entry.ok() ? *entry : nullptr;
  EXPECT_TRUE(entry.ok()) << entry.error().message;
  resolve_facts();
}

// A graph of one stage: constants and options, then facts that equal others, then declared defaults, then samples.
void Subject::resolve_facts() {
  enum class Round { kStated, kDeclared, kSample };
  const auto settle = [this](std::map<std::string, PortFacts>& facts, const PortDescription& port, Round round) {
    PortFacts& known = facts[port.name];
    for (const FactRule& rule : port.facts) {
      if (known.contains(rule.fact)) continue;
      std::string text;
      if (rule.kind == FactRuleKind::kConstant) text = rule.text;
      if (rule.kind == FactRuleKind::kOption) text = option_text(*description_, options_, rule.text);
      if (rule.kind == FactRuleKind::kSameAs)
        for (const auto* side : {&input_facts_, &output_facts_})
          if (const auto other = side->find(rule.port); other != side->end() && &other->second != &known)
            if (const auto fact = other->second.find(rule.text); fact != other->second.end()) text = fact->second;
      if (rule.kind == FactRuleKind::kFree && round == Round::kDeclared) text = rule.text;
      if (round == Round::kSample && text.empty())
        text = rule.kind == FactRuleKind::kPerItem ? "44100" : sample_fact(rule.fact);
      if (!text.empty()) known[rule.fact] = text;
    }
  };
  for (const Round round : {Round::kStated, Round::kDeclared, Round::kStated, Round::kSample}) {
    for (const PortDescription& port : description_->outputs) settle(output_facts_, port, round);
    for (const PortDescription& port : description_->inputs) settle(input_facts_, port, round);
    for (const PortDescription& port : description_->outputs) settle(output_facts_, port, round);
  }
}

Result<std::unique_ptr<Stage>> Subject::create(bool trainable) const {
  if (entry_ == nullptr) return Error{ErrorCode::kNotFound, "the library could not be loaded"};
  Setup setup;
  setup.stage = description_->name;
  setup.facts = output_facts_;
  for (const PortDescription& port : description_->inputs)
    for (const FactRule& rule : port.facts)
      if (rule.kind != FactRuleKind::kPerItem) setup.facts[port.name][rule.fact] = facts(port).at(rule.fact);
  setup.trainable = trainable;
  setup.seed = 1;
  return entry_->create(options_, setup);
}

std::unique_ptr<Stage> Subject::start(bool trainable) const {
  Result<std::unique_ptr<Stage>> made = create(trainable);
  EXPECT_TRUE(made.ok()) << description_->name << ": " << made.error().message;
  return made.ok() ? std::move(made).value() : nullptr;
}

Context Subject::context(std::uint64_t item, bool training) const {
  Context context;
  context.seed = 1;
  context.total_steps = 10;
  context.training = training;
  context.item = item;
  context.stage = description_->name;
  return context;
}

std::string bits(const Error& error) { return std::string("error: ") + to_string(error.code) + ": " + error.message; }

std::string bits(const Payload& payload) {
  const Result<Record> record = payload.to_record();
  if (!record.ok()) return bits(record.error());
  std::string text = record->kind + " [";
  for (const std::int64_t size : record->shape) text.append(std::to_string(size)).append(" ");
  text += "]";
  for (const auto& [name, value] : record->facts) text.append(" ").append(name).append("=").append(value);
  text += " " + content_id({reinterpret_cast<const char*>(record->bytes.data()), record->bytes.size()});
  if (record->kind != Recording::kInfo.kind) return text;
  const auto& recording = static_cast<const Recording&>(payload);
  FrameRange start = recording.frames();
  start.frames = std::min(start.frames, recording.header().sample_rate_hz);
  const Result<std::vector<float>> samples = recording.content().render(start, Downmix::kMean);
  if (!samples.ok()) return text + " " + bits(samples.error());
  return text + " " + content_id({reinterpret_cast<const char*>(samples->data()), samples->size() * sizeof(float)});
}

std::string bits(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += row.id + ": " + (row.payload ? bits(*row.payload) : "null") + "\n";
  return text;
}

std::string breach(const Outputs& outputs, std::span<const PortDescription> ports) {
  if (outputs.size() != ports.size())
    return "gave " + std::to_string(outputs.size()) + " outputs, declares " + std::to_string(ports.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (outputs[i] == nullptr) return "gave nothing at output " + ports[i].name;
    if (outputs[i]->info().kind != ports[i].kind)
      return "gave a " + std::string(outputs[i]->info().kind) + " at output " + ports[i].name;
  }
  return {};
}

}  // namespace earshot::conformance
