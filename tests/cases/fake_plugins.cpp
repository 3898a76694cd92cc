#include "fake_plugins.h"

#include <cstdint>
#include <filesystem>
#include <optional>

#include "earshot/contract/contract.h"

namespace earshot::graph::fake {
namespace {

// What can be kept in a store has a reader; the checker only asks whether there is one.
struct Storable {
  static Result<PayloadPtr> from_record(const Record& /*record*/) { return PayloadPtr(); }
};

struct Recording {
  static constexpr PayloadInfo kInfo{"recording", "", {}};
};
struct Waveform : Storable {
  static constexpr PayloadInfo kInfo{"waveform", "[frame]", {"sample_rate"}};
};
struct Mel : Storable {
  static constexpr PayloadInfo kInfo{"mel", "[mel, frame]", {"sample_rate", "front_end"}};
};
struct Text : Storable {
  static constexpr PayloadInfo kInfo{"text", "", {}};
};
struct Tokens : Storable {
  static constexpr PayloadInfo kInfo{"tokens", "[token]", {"tokeniser"}};
};
struct Embedding : Storable {
  static constexpr PayloadInfo kInfo{"embedding", "[dim]", {"dim"}};
};
struct Mix {
  static constexpr PayloadInfo kInfo{"mix", "", {}};
};
struct Loss {
  static constexpr PayloadInfo kInfo{"loss", "", {}};
};

constexpr const char* kParameters = "fake.parameters/1";

struct CorpusOptions {
  std::filesystem::path path;
  std::int64_t fold = 1;
};
struct LengthOptions {
  double length = 10;
};
struct RateOptions {
  std::optional<std::int64_t> rate;
};
struct GainOptions {
  double level_db = 0;
  std::string shape = "flat";
};
struct FrontEndOptions {
  std::optional<std::string> front_end;
};
struct ChunkOptions {
  std::int64_t chunk = 0;
  std::filesystem::path weights;
};
struct WeightsOptions {
  std::string weights;
};
struct MaskOptions {
  double share = 0.15;
};
struct ProjectOptions {
  std::int64_t dim = 1024;
};
struct AdamOptions {
  double lr = 1e-4;
  double warm_up = 0;
  std::vector<double> betas = {0.9, 0.999};
};
struct RankOptions {
  std::int64_t top = 10;
  bool save = false;
};
struct LossOptions {
  double weight = 1;
};

}  // namespace

FakePlugins::FakePlugins() {
  add_sources();
  add_audio();
  add_mixing();
  add_text();
  add_training();
}

template <class ContractType>
void FakePlugins::add(StageKind kind, const ContractType& contract) {
  PluginDescription description = contract.description();
  description.kind = kind;
  plugins_[description.name] = std::move(description);
}

const PluginDescription* FakePlugins::find(std::string_view name) const {
  const auto found = plugins_.find(name);
  return found == plugins_.end() ? nullptr : &found->second;
}

std::vector<std::string> FakePlugins::names() const {
  std::vector<std::string> names;
  for (const auto& [name, description] : plugins_) names.push_back(name);
  return names;
}

void FakePlugins::add_sources() {
  add(StageKind::kSource, Contract<CorpusOptions>("clips", 1, "recordings with captions")
                              .option(&CorpusOptions::path, "path", required(), "the folder")
                              .option(&CorpusOptions::fold, "fold", range(1, 5), "held out")
                              .view("pairs")
                              .output<Recording>("audio")
                              .output<Text>("caption")
                              .view("recordings")
                              .output<Recording>("audio")
                              .view("captions")
                              .output<Text>("caption"));
  add(StageKind::kSource, Contract<NoOptions>("tones", 1, "computed sounds of one rate")
                              .view("tones")
                              .output<Waveform>("audio", constant_fact("sample_rate", "44100")));
  add(StageKind::kSource, Contract<NoOptions>("halves", 1, "two views and no pairs")
                              .view("left")
                              .output<Text>("first")
                              .view("right")
                              .output<Text>("second"));
}

void FakePlugins::add_audio() {
  add(StageKind::kMap, Contract<LengthOptions>("crop", 1, "a random part of a recording")
                           .option(&LengthOptions::length, "length", unit("s"), range(0.1, 600), "of the part")
                           .input<Recording>("audio")
                           .output<Recording>("audio")
                           .random()
                           .header_only());
  add(StageKind::kExpand, Contract<LengthOptions>("windows", 1, "a recording as windows")
                              .option(&LengthOptions::length, "length", unit("s"), range(0.1, 600), "of a window")
                              .input<Recording>("audio")
                              .output<Recording>("audio")
                              .header_only());
  add(StageKind::kMap, Contract<NoOptions>("decode", 1, "reads samples")
                           .input<Recording>("audio")
                           .output<Waveform>("audio", per_item_fact("sample_rate"))
                           .deterministic()
                           .ranged());
  add(StageKind::kMap, Contract<RateOptions>("resample", 1, "another sample rate")
                           .option(&RateOptions::rate, "rate", unit("Hz"), range(1000, 192000), "of the output")
                           .input<Waveform>("audio", per_item_fact("sample_rate"))
                           .output<Waveform>("audio", fact_from_option("sample_rate", "rate"))
                           .deterministic()
                           .ranged());
  add(StageKind::kMap, Contract<GainOptions>("gain", 1, "multiplies")
                           .option(&GainOptions::level_db, "level_db", unit("dB"), range(-60, 60), "added to the level")
                           .option(&GainOptions::shape, "shape", choices({"flat", "ramp"}), "over time")
                           .input<Waveform>("audio", per_item_fact("sample_rate"))
                           .output<Waveform>("audio", same_facts_as("audio"))
                           .deterministic());
  add(StageKind::kBatchMap, Contract<NoOptions>("mixco", 1, "mixes rows of a batch")
                                .input<Waveform>("audio")
                                .output<Waveform>("audio", same_facts_as("audio"))
                                .output<Mix>("mix")
                                .random());
  add(StageKind::kMap, Contract<FrontEndOptions>("logmel", 1, "log-mel spectrograms as the encoder wants them")
                           .option(&FrontEndOptions::front_end, "front_end", "how")
                           .input<Waveform>("audio", same_fact_as("sample_rate", "mel"))
                           .output<Mel>("mel", fact_from_option("front_end", "front_end"))
                           .deterministic());
  add(StageKind::kMap, Contract<NoOptions>("specaugment", 1, "masks bands and frames")
                           .input<Mel>("mel")
                           .output<Mel>("mel", same_facts_as("mel"))
                           .random());
  const auto encoder = [&](const char* name, const char* rate, const char* front_end, const char* dim) {
    add(StageKind::kBatchMap,
        Contract<ChunkOptions>(name, 1, "an audio encoder")
            .option(&ChunkOptions::chunk, "chunk", at_least(0), "rows at a time")
            .option(&ChunkOptions::weights, "weights", "a file")
            .input<Mel>("mel", constant_fact("sample_rate", rate), constant_fact("front_end", front_end))
            .output<Embedding>("embedding", constant_fact("dim", dim))
            .trainable()
            .any_device()
            .compute_lane()
            .offers(kParameters));
  };
  encoder("cnn", "32000", "fft=1024 hop=320 mels=64", "512");
  encoder("beats", "16000", "fft=512 hop=160 mels=128", "768");
  add(StageKind::kCollapse, Contract<NoOptions>("pool", 1, "the mean of windows")
                                .input<Embedding>("embedding")
                                .output<Embedding>("embedding", same_facts_as("embedding")));
}

void FakePlugins::add_mixing() {
  add(StageKind::kMap, Contract<NoOptions>("duet", 1, "two sounds as one")
                           .input<Waveform>("first", same_fact_as("sample_rate", "audio"))
                           .input<Waveform>("second", same_fact_as("sample_rate", "audio"))
                           .output<Waveform>("audio"));
  add(StageKind::kBatchMap, Contract<NoOptions>("blend", 1, "needs to know what was mixed").input<Mix>("mix"));
}

void FakePlugins::add_text() {
  add(StageKind::kMap, Contract<NoOptions>("tokenise", 1, "sentences to tokens")
                           .input<Text>("text")
                           .output<Tokens>("tokens")
                           .deterministic());
  add(StageKind::kMap, Contract<MaskOptions>("mask", 1, "hides tokens")
                           .option(&MaskOptions::share, "share", range(0, 1), "of the tokens")
                           .input<Tokens>("tokens")
                           .output<Tokens>("tokens", same_facts_as("tokens"))
                           .random());
  add(StageKind::kBatchMap, Contract<NoOptions>("words", 1, "a text encoder")
                                .input<Tokens>("tokens", constant_fact("tokeniser", "kind=words size=4096"))
                                .output<Embedding>("embedding", constant_fact("dim", "256"))
                                .trainable()
                                .compute_lane()
                                .offers(kParameters));
  Contract<WeightsOptions> subwords("subwords", 1, "a text encoder whose weights say what it reads");
  subwords.option(&WeightsOptions::weights, "weights", required(), "what is said; \"closed\": nothing")
      .input<Tokens>("tokens", late_fact("tokeniser"))
      .output<Embedding>("embedding", late_fact("dim"))
      .trainable()
      .compute_lane()
      .offers(kParameters);
  subwords.description().weights = true;
  add(StageKind::kBatchMap, subwords);
}

Result<std::optional<WeightsInfo>> FakePlugins::weights(const std::string& /*name*/,
                                                        const OptionValues& options) const {
  const auto& given = std::get<std::string>(options.at(kWeightsOption).content);
  if (given == "closed") return std::optional<WeightsInfo>();
  if (given == "absent") return Error{ErrorCode::kNotFound, "there are no weights \"absent\""};
  WeightsInfo info;
  info.facts["tokens"]["tokeniser"] = given;
  info.facts["embedding"]["dim"] = "384";
  return std::optional<WeightsInfo>(std::move(info));
}

void FakePlugins::add_training() {
  add(StageKind::kBatchMap, Contract<ProjectOptions>("project", 1, "into the joint space")
                                .option(&ProjectOptions::dim, "dim", range(1, 8192), "of the output")
                                .input<Embedding>("embedding")
                                .output<Embedding>("embedding", fact_from_option("dim", "dim"))
                                .trainable()
                                .compute_lane()
                                .offers(kParameters));
  add(StageKind::kBatchMap, Contract<LossOptions>("infonce", 1, "the contrastive loss")
                                .option(&LossOptions::weight, "weight", at_least(0), "of this loss")
                                .input<Embedding>("audio")
                                .input<Embedding>("text", same_facts_as("audio"))
                                .input<Mix>("mix", optional_input(), derived_rows())
                                .output<Loss>("loss")
                                .trainable()
                                .compute_lane()
                                .offers(kParameters));
  add(StageKind::kStep, Contract<AdamOptions>("adam", 1, "an optimiser")
                            .option(&AdamOptions::lr, "lr", at_least(0), "the peak")
                            .option(&AdamOptions::warm_up, "warm_up", range(0, 1), "share of the steps")
                            .option(&AdamOptions::betas, "betas", range(0, 1), "decay of both moments")
                            .input<Loss>("loss", many_wires())
                            .compute_lane()
                            .wants(kParameters));
  add(StageKind::kCollect, Contract<RankOptions>("rank", 1, "ranks recordings by sentences")
                               .option(&RankOptions::top, "top", range(1, 1000), "rows kept")
                               .option(&RankOptions::save, "save", "the ranking")
                               .metric("map@{top}")
                               .metric("recall@1")
                               .metric("saved", "save", "true")
                               .input<Embedding>("audio")
                               .input<Embedding>("text", same_facts_as("audio")));
}

}  // namespace earshot::graph::fake
