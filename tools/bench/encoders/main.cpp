// bench_encoders: what encoders and their front ends cost, weights drawn but for MiniLM's. One JSON line a variant, in
// the form of the Python peers (README.md).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "earshot/audio/log_mel.h"
#include "earshot/contract/random.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "earshot/pipeline/plugins/child.h"
#include "earshot/text/tokens.h"
#include "process.h"

namespace {
namespace options = boost::program_options;
using namespace earshot;

struct Settings {
  std::string only;
  std::string save;  // a file for PaSST-S's drawn weights
  int threads = 2;
  int repeats = 7;
  std::int64_t batch = 8;
  std::string device = "cpu";
  std::string precision = "fp32";
  double matrix_peak = 0;  // of this device in this precision, GFLOP/s
};

// Noise of ten seconds.
std::vector<float> clip(std::int64_t sample_rate_hz, std::uint64_t seed) {
  Random random(seed, 0, "clip");
  std::vector<float> samples(static_cast<std::size_t>(10 * sample_rate_hz));
  for (float& sample : samples) sample = static_cast<float>(random.uniform(-0.5, 0.5));
  return samples;
}

struct Cost {
  std::vector<double> seconds;
  std::vector<double> cpu_seconds;  // of all threads: what stays comparable on a machine that has other work
};

// `work` once to warm up, then `repeats` times.
Result<Cost> cost_of(int repeats, const std::function<Status()>& work) {
  Cost cost;
  for (int repeat = 0; repeat <= repeats; ++repeat) {
    const std::clock_t cpu_before = std::clock();
    const auto start = std::chrono::steady_clock::now();
    if (Status status = work(); !status.ok()) return std::move(status).error();
    if (repeat == 0) continue;
    cost.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cost.cpu_seconds.push_back(static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC);
  }
  std::ranges::sort(cost.seconds);
  std::ranges::sort(cost.cpu_seconds);
  return cost;
}

// `gflop`: 1e9 operations of one pass, 0 where it is no matter of matrices; `peak`: GFLOP/s that they could reach.
struct Arithmetic {
  double gflop = 0;
  double peak = 0;
};

void print(const std::string& work, const std::string& unit, int threads, const Cost& cost, double per = 1,
           const Arithmetic& arithmetic = {}, const std::string& how = {}) {
  nlohmann::ordered_json line;
  line["work"] = work + how;
  line["peer"] = "earshot";
  line["value"] = cost.seconds[cost.seconds.size() / 2] * 1000 / per;
  line["best"] = cost.seconds.front() * 1000 / per;
  line["worst"] = cost.seconds.back() * 1000 / per;
  line["unit"] = unit;
  line["repeats"] = cost.seconds.size();
  line["threads"] = threads;
  line["cpu_ms"] = cost.cpu_seconds[cost.cpu_seconds.size() / 2] * 1000 / per;
  if (arithmetic.gflop > 0) {
    const double reached = arithmetic.gflop / cost.seconds[cost.seconds.size() / 2];
    line["gflops"] = std::round(reached);
    if (arithmetic.peak > 0) line["share_of_matrix_peak"] = std::round(1000 * reached / arithmetic.peak) / 1000;
  }
  std::cout << line.dump() << std::endl;
}

// 1e9 operations of `rows` rows in `depth` transformer blocks: a token's 12 width^2 multiply-adds in q, k, v, output
// and a perceptron of four widths, and those of attention.
double transformer_gflop(std::int64_t rows, std::int64_t tokens, std::int64_t width, std::int64_t depth) {
  const auto w = static_cast<double>(width);
  const double of_a_token = 24 * w * w + 4 * static_cast<double>(tokens) * w;
  return 1e-9 * static_cast<double>(rows * tokens * depth) * of_a_token;
}

// GFLOP/s of a product of matrices on that device in that precision, as `earshot doctor` says it; 0 where nothing does.
double matrix_peak(const Settings& settings) {
  const std::filesystem::path helper = plugins::find_helper("earshot_matrix_speed");
  if (helper.empty()) return 0;
  const Result<plugins::ChildEnd> end = plugins::run_child({helper.string()}, std::chrono::seconds(60));
  if (!end.ok()) return 0;
  const auto report = nlohmann::json::parse(end->output, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return 0;
  for (const nlohmann::json& speed : report.value("speeds", nlohmann::json::array()))
    if (speed.value("device", "") == settings.device && speed.value("precision", "") == settings.precision)
      return speed.value("gflops", 0.0);
  return 0;
}

struct FrontEndWork {
  const char* name;
  audio::FrontEnd front_end;
  std::int64_t sample_rate_hz;
};

Status measure_front_end(const FrontEndWork& work, const Settings& settings) {
  const Result<audio::LogMel> log_mel = audio::LogMel::create(work.front_end, work.sample_rate_hz);
  if (!log_mel.ok()) return log_mel.error();
  constexpr int kClips = 10;
  const std::vector<float> samples = clip(work.sample_rate_hz, 1);
  const Result<Cost> cost = cost_of(settings.repeats, [&]() -> Status {
    for (int i = 0; i < kClips; ++i)
      if (const Result<Mel> mel = log_mel->compute(samples); !mel.ok()) return mel.error();
    return {};
  });
  if (!cost.ok()) return cost.error();
  print(work.name, "ms/clip", 1, *cost, kClips);
  return {};
}

// ", cuda bf16"; empty for what the Python peers do.
std::string how(const Settings& settings) {
  if (settings.device == "cpu" && settings.precision == "fp32") return {};
  return ", " + settings.device + " " + settings.precision;
}

struct EncoderWork {
  const char* name;
  const char* plugin;
  OptionValues options;
  std::int64_t tokens = 0;  // of 10 s, in 12 blocks of width 768
};

// A batch of log-mels of ten seconds, as the encoder's input states them.
Result<std::vector<Row>> batch_of(const PluginDescription& encoder, std::int64_t clips) {
  std::map<std::string, std::string> facts;
  for (const FactRule& rule : encoder.inputs.at(0).facts) facts[rule.fact] = rule.text;
  const std::int64_t rate_hz = std::stoll(facts["sample_rate"]);
  const Result<audio::FrontEnd> front_end = audio::FrontEnd::parse(facts["front_end"]);
  if (!front_end.ok()) return front_end.error();
  const Result<audio::LogMel> log_mel = audio::LogMel::create(*front_end, rate_hz);
  if (!log_mel.ok()) return log_mel.error();
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < clips; ++i) {
    Result<Mel> mel = log_mel->compute(clip(rate_hz, static_cast<std::uint64_t>(i)));
    if (!mel.ok()) return mel.error();
    rows.push_back({std::to_string(i), {}, std::make_shared<const Mel>(std::move(mel).value())});
  }
  return rows;
}

// What `rows` at the input `port` cost a frozen encoder.
Result<Cost> forward_cost(const PluginEntry& plugin, const OptionValues& values, const Setup& setup, const char* port,
                          std::vector<Row> rows, const Settings& settings) {
  const Result<std::unique_ptr<Stage>> stage = plugin.create(values, setup);
  if (!stage.ok()) return stage.error();
  const std::vector<std::string> names = {port};
  const std::vector<std::vector<Row>> ports = {std::move(rows)};
  return cost_of(settings.repeats, [&]() -> Status {
    Context context;
    const Result<BatchOutputs> outputs = dynamic_cast<BatchMap&>(**stage).process(BatchInputs(names, ports), context);
    return outputs.ok() ? Status{} : outputs.error();
  });
}

Setup setup_of(const char* stage, const Settings& settings) {
  Setup setup;
  setup.stage = stage;
  setup.compute_threads = settings.threads;
  setup.device = settings.device;
  setup.precision = settings.precision;
  return setup;
}

Status measure_encoder(const plugins::Catalogue& catalogue, const EncoderWork& work, const Settings& settings) {
  const Result<const PluginEntry*> entry = catalogue.load(work.plugin);
  if (!entry.ok()) return entry.error();
  OptionValues values = work.options;
  values["weights"] = {std::string("random")};
  Result<std::vector<Row>> rows = batch_of(*catalogue.find(work.plugin), settings.batch);
  if (!rows.ok()) return rows.error();
  const Result<Cost> cost =
      forward_cost(**entry, values, setup_of(work.plugin, settings), "mel", std::move(rows).value(), settings);
  if (!cost.ok()) return cost.error();
  print(std::string(work.name) + " forward, batch " + std::to_string(settings.batch), "ms/batch", settings.threads,
        *cost, 1, {transformer_gflop(settings.batch, work.tokens, 768, 12), settings.matrix_peak}, how(settings));
  return {};
}

struct TextWork {
  const char* name;
  const char* plugin;
  const char* weights;  // where they are a published file's, measured only where it is there
  std::int64_t sentences;
  std::int64_t tokens;
  std::int64_t width;
  std::int64_t depth;
};

// Sentences of equal length, as the Python peers have them.
Status measure_text(const plugins::Catalogue& catalogue, const TextWork& work, const Settings& settings) {
  const Result<const PluginEntry*> entry = catalogue.load(work.plugin);
  if (!entry.ok()) return entry.error();
  const OptionValues values = {{"weights", {std::string(work.weights)}}};
  const Result<WeightsInfo> weights = (*entry)->weights(values);
  if (!weights.ok()) {
    std::cerr << work.name << " is left out: " << weights.error().message << "\n";
    return {};
  }
  Result<text::Tokeniser> record = text::Tokeniser::parse(weights->facts.at("tokens").at("tokeniser"));
  if (!record.ok()) return record.error();
  if (weights->drawn) record->vocabulary = 50265;
  Setup setup = setup_of(work.plugin, settings);
  setup.facts["tokens"]["tokeniser"] = record->to_text();
  const auto shared = std::make_shared<const text::Tokeniser>(*record);
  Random random(1, 0, "ids");
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < work.sentences; ++i) {
    std::vector<std::int32_t> ids(static_cast<std::size_t>(work.tokens));
    for (std::int32_t& id : ids) id = 1000 + static_cast<std::int32_t>(random.below(record->vocabulary - 1000));
    rows.push_back({std::to_string(i), {}, std::make_shared<const Tokens>(std::move(ids), shared)});
  }
  const Result<Cost> cost = forward_cost(**entry, values, setup, "tokens", std::move(rows), settings);
  if (!cost.ok()) return cost.error();
  print(work.name, "ms/batch", settings.threads, *cost, 1,
        {transformer_gflop(work.sentences, work.tokens, work.width, work.depth), settings.matrix_peak}, how(settings));
  return {};
}

// PaSST-S's drawn weights as a safetensors file, for startup.py.
Status save_weights(const std::string& path) {
  const plugins::Catalogue catalogue = plugins::Catalogue::scan(plugins::Catalogue::default_folders());
  const Result<const PluginEntry*> entry = catalogue.load("passt");
  if (!entry.ok()) return entry.error();
  const auto stage = (*entry)->create({{"weights", {std::string("random")}}}, setup_of("passt", {}));
  if (!stage.ok()) return stage.error();
  const Result<std::vector<std::byte>> bytes = (*stage)->state()->saved(State::Scope::kWeights);
  if (!bytes.ok()) return bytes.error();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  if (file.flush()) return {};
  return Error{ErrorCode::kIo, "cannot write " + path};
}

Status measure(const Settings& settings) {
  const auto wanted = [&](const char* name) { return std::string(name).find(settings.only) != std::string::npos; };
  for (const FrontEndWork& work : {FrontEndWork{"PaSST log-mel 128, 10 s", audio::FrontEnd::passt(), 32000},
                                   FrontEndWork{"Kaldi fbank 128, 10 s", audio::FrontEnd::beats(), 16000}}) {
    if (!wanted(work.name)) continue;
    if (Status status = measure_front_end(work, settings); !status.ok()) return status;
  }
  const plugins::Catalogue catalogue = plugins::Catalogue::scan(plugins::Catalogue::default_folders());
  for (const EncoderWork& work :
       {EncoderWork{"PaSST-S s16", "passt", {}, 498},
        EncoderWork{"PaSST-S s10", "passt", {{"variant", {std::string("s10")}}}, 1190},
        EncoderWork{"BEATs", "beats", {}}, EncoderWork{"VAST", "vast", {}}, EncoderWork{"CAV-MAE", "cavmae", {}}}) {
    if (!wanted(work.name)) continue;
    if (Status status = measure_encoder(catalogue, work, settings); !status.ok()) return status;
  }
  for (const TextWork& work :
       {TextWork{"RoBERTa-base forward, 32 x 32 tokens", "roberta", "random", 32, 32, 768, 12},
        TextWork{"MiniLM-L6 forward, 64 x 16 tokens", "bert", "all-minilm-l6-v2", 64, 16, 384, 6}}) {
    if (!wanted(work.name)) continue;
    if (Status status = measure_text(catalogue, work, settings); !status.ok()) return status;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  tools::prepare_process();
  Settings settings;
  options::options_description known("bench_encoders");
  known.add_options()("help", "this text")("only", options::value(&settings.only)->default_value(""),
                                           "works whose name has this in it")(
      "threads", options::value(&settings.threads)->default_value(2), "of the encoders")(
      "repeats", options::value(&settings.repeats)->default_value(7), "of each work, after one to warm up")(
      "batch", options::value(&settings.batch)->default_value(8), "clips of a batch")(
      "device", options::value(&settings.device)->default_value("cpu"), "of the encoders: cpu, cuda or cuda:N")(
      "precision", options::value(&settings.precision)->default_value("fp32"), "of the encoders: fp32, bf16 or fp16")(
      "save", options::value(&settings.save), "write PaSST-S's drawn weights into this file, and measure nothing");
  try {
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, known), given);
    options::notify(given);
    if (given.contains("help")) {
      std::cout << known;
      return 0;
    }
  } catch (const options::error& wrong) {
    std::cerr << wrong.what() << "\n" << known;
    return 2;
  }
  if (settings.save.empty()) settings.matrix_peak = matrix_peak(settings);
  if (const Status status = settings.save.empty() ? measure(settings) : save_weights(settings.save); !status.ok()) {
    std::cerr << status.error().message << "\n";
    return 1;
  }
  return 0;
}
