#include "earshot/nn/text_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

namespace earshot::nn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kLargestFile = 1 << 20;
constexpr std::int64_t kLongestWithoutTable = 512;
constexpr std::int64_t kHeadSize = 64;

// One JSON file; the first thing in it that is wrong is kept.
class Fields {
 public:
  Fields(fs::path file, Json json) : file_(std::move(file)), json_(std::move(json)) {}

  [[nodiscard]] bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
  std::int64_t whole(const char* key, std::int64_t low, std::int64_t high, std::optional<std::int64_t> otherwise = {}) {
    if (!has(key) && otherwise) return *otherwise;
    const bool fits = has(key) && json_[key].is_number_integer();
    const std::int64_t value = fits ? json_[key].get<std::int64_t>() : low - 1;
    if (value >= low && value <= high) return value;
    expect(key, "a whole number, " + std::to_string(low) + " to " + std::to_string(high));
    return low;
  }
  double real(const char* key, double otherwise) {
    if (!has(key)) return otherwise;
    const double value = json_[key].is_number() ? json_[key].get<double>() : -1;
    if (value > 0 && value < 1) return value;
    expect(key, "a number between 0 and 1");
    return otherwise;
  }
  std::string text(const char* key, const std::string& otherwise) {
    if (!has(key)) return otherwise;
    if (json_[key].is_string()) return json_[key].get<std::string>();
    expect(key, "a text");
    return otherwise;
  }
  [[nodiscard]] bool flag(const char* key) const {
    return has(key) && json_[key].is_boolean() && json_[key].get<bool>();
  }

  void expect(const char* key, const std::string& expected) {
    note({ErrorCode::kCorruptInput, file_.string() + ": " + key + " is " +
                                        (has(key) ? json_[key].dump().substr(0, 40) : "absent") + ", expected " +
                                        expected});
  }
  void unsupported(const char* key, const std::string& expected) {
    note({ErrorCode::kUnsupported,
          file_.string() + ": " + key + " is " + json_[key].dump().substr(0, 40) + ", expected " + expected});
  }
  [[nodiscard]] const std::optional<Error>& wrong() const { return wrong_; }

 private:
  void note(Error error) {
    if (!wrong_) wrong_ = std::move(error);
  }
  fs::path file_;
  Json json_;
  std::optional<Error> wrong_;
};

// Nothing where there is no such file.
Result<std::optional<Json>> read_json(const fs::path& file) {
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(file, failure);
  if (failure) return std::optional<Json>();
  if (size > kLargestFile)
    return Error{ErrorCode::kTooLarge, file.string() + " has " + std::to_string(size) + " bytes, at most " +
                                           std::to_string(kLargestFile) + " are read"};
  std::ifstream stream(file, std::ios::binary);
  Json json = Json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{ErrorCode::kCorruptInput, file.string() + " is no JSON"};
  return std::optional<Json>(std::move(json));
}

// The same, an object.
Result<std::optional<Fields>> read_fields(const fs::path& file) {
  Result<std::optional<Json>> json = read_json(file);
  if (!json.ok()) return std::move(json).error();
  if (!json->has_value()) return std::optional<Fields>();
  if (!(*json)->is_object()) return Error{ErrorCode::kCorruptInput, file.string() + " is no JSON object"};
  return std::optional<Fields>(std::in_place, file, **std::move(json));
}

constexpr std::array<std::pair<std::string_view, Activation>, 5> kActivations{
    {{"gelu", Activation::kGelu},
     {"gelu_new", Activation::kGeluTanh},
     {"gelu_pytorch_tanh", Activation::kGeluTanh},
     {"gated-gelu", Activation::kGeluTanh},  // T5 means gelu_new by it
     {"relu", Activation::kRelu}}};

void read_activation(Fields& config, const char* key, const std::string& otherwise, TextShape& shape) {
  const std::string name = config.text(key, otherwise);
  const auto* const found = std::ranges::find(kActivations, name, &std::pair<std::string_view, Activation>::first);
  if (found == kActivations.end()) return config.unsupported(key, "gelu, gelu_new, gated-gelu or relu");
  shape.activation = found->second;
  shape.gated = name.starts_with("gated-");
}

TextShape t5_shape(Fields& config) {
  TextShape shape{.depth = config.whole("num_layers", 1, 96),
                  .width = config.whole("d_model", 1, 16384),
                  .heads = config.whole("num_heads", 1, 256),
                  .head_size = config.whole("d_kv", 1, 1024),
                  .hidden = config.whole("d_ff", 1, 131072),
                  .vocabulary = config.whole("vocab_size", 8, 1 << 24),
                  .buckets = config.whole("relative_attention_num_buckets", 4, 4096, 32),
                  .max_distance = config.whole("relative_attention_max_distance", 2, 1 << 20, 128),
                  .norm_epsilon = config.real("layer_norm_epsilon", 1e-6)};
  read_activation(config, "feed_forward_proj", "relu", shape);
  // Each half of the buckets is exact up to a half of its own; beyond, distances are told apart by their logarithm.
  if (shape.max_distance <= shape.buckets / 4)
    config.expect("relative_attention_max_distance", "more than a quarter of relative_attention_num_buckets");
  return shape;
}

TextShape bert_shape(Fields& config, const std::string& model_type) {
  const bool mpnet = model_type == "mpnet";
  TextShape shape{.depth = config.whole("num_hidden_layers", 1, 96),
                  .width = config.whole("hidden_size", 1, 16384),
                  .heads = config.whole("num_attention_heads", 1, 256),
                  .hidden = config.whole("intermediate_size", 1, 131072),
                  .vocabulary = config.whole("vocab_size", 8, 1 << 24),
                  .positions = config.whole("max_position_embeddings", 4, 1 << 16),
                  .types = mpnet ? 0 : config.whole("type_vocab_size", 1, 64, model_type == "bert" ? 2 : 1),
                  .buckets = mpnet ? config.whole("relative_attention_num_buckets", 4, 4096, 32) : 0,
                  .norm_epsilon = config.real("layer_norm_eps", 1e-12)};
  read_activation(config, "hidden_act", "gelu", shape);
  if (config.text("position_embedding_type", "absolute") != "absolute")
    config.unsupported("position_embedding_type", "absolute");
  if (shape.width % shape.heads != 0) config.expect("hidden_size", "a multiple of num_attention_heads");
  shape.head_size = shape.width / shape.heads;
  return shape;
}

Result<TextShape> read_config(const fs::path& folder, const std::string& model_type, TextFolder& read) {
  const fs::path file = folder / "config.json";
  Result<std::optional<Fields>> config = read_fields(file);
  if (!config.ok()) return std::move(config).error();
  if (!config->has_value())
    return Error{ErrorCode::kNotFound, "the folder " + folder.string() +
                                           " has no config.json: expected a folder as Hugging Face publishes models"};
  Fields& fields = **config;
  if (fields.text("model_type", "") != model_type) {
    if (fields.has("model_type")) fields.unsupported("model_type", model_type + " of this plugin");
    fields.expect("model_type", model_type);
  }
  TextShape shape = model_type == "t5" ? t5_shape(fields) : bert_shape(fields, model_type);
  // RoBERTa and MPNet count positions from the padding's id on.
  const bool counted = model_type == "roberta" || model_type == "mpnet";
  const std::int64_t last = counted ? shape.positions - 3 : shape.vocabulary - 1;
  shape.padding = static_cast<std::int32_t>(fields.whole("pad_token_id", 0, last, counted ? 1 : 0));
  const std::int64_t skipped = counted ? shape.padding + 1 : 0;
  read.most_tokens = shape.positions > 0 ? shape.positions - skipped : kLongestWithoutTable;
  read.max_tokens = read.most_tokens;
  if (fields.wrong()) return *fields.wrong();
  read.files.push_back(file);
  return shape;
}

Status read_longest(const fs::path& folder, TextFolder& read) {
  const fs::path file = folder / "sentence_bert_config.json";
  Result<std::optional<Fields>> config = read_fields(file);
  if (!config.ok()) return std::move(config).error();
  if (!config->has_value() || !(*config)->has("max_seq_length")) return {};
  read.max_tokens = (*config)->whole("max_seq_length", 2, read.most_tokens);
  if ((*config)->wrong()) return *(*config)->wrong();
  read.files.push_back(file);
  return {};
}

Status read_pooling(const fs::path& file, TextFolder& read) {
  Result<std::optional<Fields>> config = read_fields(file);
  if (!config.ok()) return std::move(config).error();
  if (!config->has_value()) return {};
  Fields& fields = **config;
  bool first = fields.flag("pooling_mode_cls_token");
  bool mean = fields.flag("pooling_mode_mean_tokens");
  bool others = false;
  for (const char* other : {"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
                            "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"})
    others = others || fields.flag(other);
  if (fields.has("pooling_mode")) {  // the newer spelling
    const std::string mode = fields.text("pooling_mode", "");
    first = mode == "cls";
    mean = mode == "mean";
  }
  if (first == mean || others)
    return Error{ErrorCode::kUnsupported,
                 file.string() + " declares another pooling than the first token or the mean over tokens; say which " +
                     "in the graph with pooling = \"first\" or \"mean\", if that is meant"};
  read.pooling = first ? "first" : "mean";
  read.files.push_back(file);
  return {};
}

// The modules of sentence-transformers: a Transformer, then a Pooling, then perhaps a Normalize.
Status read_modules(const fs::path& folder, TextFolder& read) {
  const fs::path file = folder / "modules.json";
  const Result<std::optional<Json>> json = read_json(file);
  if (!json.ok()) return json.error();
  if (!json->has_value()) return read_pooling(folder / "1_Pooling/config.json", read);
  if (!(*json)->is_array()) return Error{ErrorCode::kCorruptInput, file.string() + " is no list of modules"};
  read.files.push_back(file);
  for (const Json& module : **json) {
    const bool described = module.is_object() && module.contains("type") && module["type"].is_string();
    const std::string type = described ? module["type"].get<std::string>() : "";
    const auto is = [&](const char* name) { return type.ends_with(name); };
    if (is(".Pooling")) {
      const fs::path path =
          module.contains("path") && module["path"].is_string() ? module["path"].get<std::string>() : "";
      if (path.empty() || path.filename() != path)
        return Error{ErrorCode::kCorruptInput,
                     file.string() + ": a Pooling has the path " + path.string() + ", expected a folder beside it"};
      if (Status done = read_pooling(folder / path / "config.json", read); !done.ok()) return done;
    } else if (is(".Normalize")) {
      read.unit_length = true;
    } else if (!is(".Transformer")) {
      return Error{ErrorCode::kUnsupported, file.string() + " has a module '" + type.substr(0, 80) +
                                                "', expected Transformer, Pooling and Normalize"};
    }
  }
  return {};
}

}  // namespace

Result<TextFolder> read_text_folder(const fs::path& folder, const std::string& model_type) {
  TextFolder read;
  const Result<TextShape> shape = read_config(folder, model_type, read);
  if (!shape.ok()) return shape.error();
  read.shape = *shape;
  if (Status done = read_longest(folder, read); !done.ok()) return std::move(done).error();
  if (Status done = read_modules(folder, read); !done.ok()) return std::move(done).error();
  return read;
}

Result<TextShape> drawn_text_shape(const std::string& model_type, std::int64_t depth, std::int64_t width) {
  if (width % kHeadSize != 0)
    return Error{ErrorCode::kInvalidArgument,
                 model_type + ": width = " + std::to_string(width) + " is no multiple of 64, the size of a head"};
  TextShape shape{.depth = depth, .width = width, .heads = width / kHeadSize, .hidden = 4 * width};
  if (model_type == "t5") {
    shape.buckets = 32;
    shape.norm_epsilon = 1e-6;
    shape.activation = Activation::kRelu;
    return shape;
  }
  shape.positions = model_type == "bert" ? 512 : 514;
  shape.types = model_type == "bert" ? 2 : model_type == "roberta" ? 1 : 0;
  shape.buckets = model_type == "mpnet" ? 32 : 0;
  shape.norm_epsilon = model_type == "bert" ? 1e-12 : 1e-5;
  return shape;
}

}  // namespace earshot::nn
