#include "earshot/pipeline/plugins/description_json.h"

#include <optional>
#include <type_traits>
#include <utility>

#include "description_fields.h"

namespace earshot::plugins {
namespace {

constexpr std::array kFactRuleKinds = {FactRuleKind::kFree,   FactRuleKind::kConstant, FactRuleKind::kOption,
                                       FactRuleKind::kSameAs, FactRuleKind::kLate,     FactRuleKind::kPerItem};
constexpr std::array kStageKinds = {StageKind::kSource,   StageKind::kMap,  StageKind::kExpand, StageKind::kCollapse,
                                    StageKind::kBatchMap, StageKind::kStep, StageKind::kCollect};
constexpr std::array kOptionTypes = {OptionType::kBool,   OptionType::kInt,    OptionType::kDouble,
                                     OptionType::kString, OptionType::kChoice, OptionType::kFile};
constexpr std::array kDeterminisms = {Determinism::kRandom, Determinism::kExact, Determinism::kNumeric};

const char* to_string(FactRuleKind kind) {
  static constexpr std::array kNames = {"free", "constant", "option", "same as", "late", "per item"};
  return kNames.at(static_cast<std::size_t>(kind));
}

constexpr const auto& all(FactRuleKind /*of*/) { return kFactRuleKinds; }
constexpr const auto& all(StageKind /*of*/) { return kStageKinds; }
constexpr const auto& all(OptionType /*of*/) { return kOptionTypes; }
constexpr const auto& all(Determinism /*of*/) { return kDeterminisms; }

class Writer {
 public:
  template <class T>
  void operator()(const char* key, const T& value) {
    json[key] = write(value);
  }
  Json json = Json::object();

 private:
  static Json write(const std::string& value) { return value; }
  static Json write(bool value) { return value; }
  static Json write(std::int64_t value) { return value; }
  static Json write(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
  template <class T>
  static Json write(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(write(value));
    return list;
  }
  static Json write(const OptionValue& value) {
    return std::visit(
        [](const auto& held) -> Json {
          using T = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<T, Auto>)
            return nullptr;
          else if constexpr (std::is_same_v<T, OptionValue::List>)
            return write(held);
          else
            return held;
        },
        value.content);
  }
  static Json write(const FactRule& rule) {
    Writer writer;
    fact_rule_fields(writer, rule);
    return std::move(writer.json);
  }
  static Json write(const PortDescription& port) {
    Writer writer;
    port_fields(writer, port);
    return std::move(writer.json);
  }
  static Json write(const OptionDescription& option) {
    Writer writer;
    option_fields(writer, option);
    return std::move(writer.json);
  }
  static Json write(const MetricDescription& metric) {
    Writer writer;
    metric_fields(writer, metric);
    return std::move(writer.json);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static Json write(Enum value) { return to_string(value); }
};

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    if (!json.is_object()) throw BadJson("expected an object");
  }

  template <class T>
  void operator()(const char* key, T& value) {
    const auto found = json_.find(key);
    if (found == json_.end()) throw BadJson(std::string("key \"") + key + "\" is missing");
    try {
      read(*found, value);
    } catch (const BadJson& bad) {
      throw BadJson(std::string(key) + ": " + bad.what());
    }
    ++seen_;
  }

  void expect_nothing_else() const {
    if (json_.size() != seen_)
      throw BadJson("has " + std::to_string(json_.size()) + " keys, expected " + std::to_string(seen_));
  }

 private:
  static void expect(bool right, const char* what) {
    if (!right) throw BadJson(std::string("expected ") + what);
  }
  static void read(const Json& json, std::string& value) {
    expect(json.is_string(), "a string");
    value = json.get<std::string>();
  }
  static void read(const Json& json, bool& value) {
    expect(json.is_boolean(), "true or false");
    value = json.get<bool>();
  }
  static void read(const Json& json, std::int64_t& value) {
    expect(json.is_number_integer(), "a whole number");
    value = json.get<std::int64_t>();
  }
  static void read(const Json& json, std::optional<double>& value) {
    expect(json.is_null() || json.is_number_float(), "a number with a point, or null");
    if (!json.is_null()) value = json.get<double>();
  }
  static void read(const Json& json, OptionValue& value) {
    expect(!json.is_object(), "a value");
    if (json.is_boolean()) value.content = json.get<bool>();
    if (json.is_number_integer()) value.content = json.get<std::int64_t>();
    if (json.is_number_float()) value.content = json.get<double>();
    if (json.is_string()) value.content = json.get<std::string>();
    if (json.is_array()) {
      OptionValue::List list;
      for (const Json& item : json) {
        expect(item.is_primitive(), "a list of plain values");
        read(item, list.emplace_back());
      }
      value.content = std::move(list);
    }
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static void read(const Json& json, Enum& value) {
    expect(json.is_string(), "a string");
    for (const Enum candidate : all(Enum{}))
      if (to_string(candidate) == json.get_ref<const std::string&>()) {
        value = candidate;
        return;
      }
    throw BadJson("\"" + json.get<std::string>() + "\" is no word that belongs here");
  }
  template <class T>
  static void read(const Json& json, std::vector<T>& values) {
    expect(json.is_array(), "a list");
    for (const Json& item : json) read(item, values.emplace_back());
  }
  static void read(const Json& json, FactRule& rule) {
    Reader reader(json);
    fact_rule_fields(reader, rule);
    reader.expect_nothing_else();
  }
  static void read(const Json& json, PortDescription& port) {
    Reader reader(json);
    port_fields(reader, port);
    reader.expect_nothing_else();
  }
  static void read(const Json& json, OptionDescription& option) {
    Reader reader(json);
    option_fields(reader, option);
    reader.expect_nothing_else();
  }
  static void read(const Json& json, MetricDescription& metric) {
    Reader reader(json);
    metric_fields(reader, metric);
    reader.expect_nothing_else();
  }

  const Json& json_;
  std::size_t seen_ = 0;
};

}  // namespace

Json encode(const PluginDescription& description) {
  Writer writer;
  plugin_fields(writer, description);
  return std::move(writer.json);
}

PluginDescription decode_description(const Json& json) {
  PluginDescription description;
  Reader reader(json);
  plugin_fields(reader, description);
  reader.expect_nothing_else();
  return description;
}

std::string to_json(const PluginDescription& description) { return encode(description).dump(2) + "\n"; }

Result<PluginDescription> description_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{ErrorCode::kCorruptInput, "a plugin's description is not JSON"};
  try {
    return decode_description(json);
  } catch (const BadJson& bad) {
    return Error{ErrorCode::kCorruptInput, std::string("a plugin's description: ") + bad.what()};
  }
}

}  // namespace earshot::plugins
