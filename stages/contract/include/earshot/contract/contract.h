// Contract<Options>: how a stage declares, once, what it is: name, options with unit and range, ports with their facts.
// Help text, validation, resolved graphs and cache keys all come from the Description that it builds.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"

namespace earshot {

using OptionEdit = std::function<void(OptionDescription&)>;
using PortEdit = std::function<void(PortDescription&)>;

// Edits of an option.
OptionEdit unit(std::string name);
OptionEdit range(double min, double max);
OptionEdit at_least(double min);
OptionEdit choices(std::vector<std::string> names);
OptionEdit required();
OptionEdit no_effect();  // does not affect the output: not part of a cache key

// Edits of a port.
PortEdit optional_input();
PortEdit many_wires();
PortEdit derived_rows();
PortEdit free_fact(std::string fact, std::string default_text = {});
PortEdit constant_fact(std::string fact, std::string value);
PortEdit fact_from_option(std::string fact, std::string option);
PortEdit same_fact_as(std::string fact, std::string port, std::string other_fact = {});
PortEdit same_facts_as(std::string port);  // every fact of this port's kind equals that of `port`
PortEdit late_fact(std::string fact);
PortEdit per_item_fact(std::string fact);

namespace detail {

// Type and default of an option member; the primary template is left undefined on purpose.
template <class T>
struct Binding;

template <>
struct Binding<bool> {
  static constexpr OptionType kType = OptionType::kBool;
  static OptionValue store(bool value) { return {value}; }
  static bool read(const OptionValue& value) { return std::get<bool>(value.content); }
};
template <>
struct Binding<std::int64_t> {
  static constexpr OptionType kType = OptionType::kInt;
  static OptionValue store(std::int64_t value) { return {value}; }
  static std::int64_t read(const OptionValue& value) { return std::get<std::int64_t>(value.content); }
};
template <>
struct Binding<double> {
  static constexpr OptionType kType = OptionType::kDouble;
  static OptionValue store(double value) { return {value}; }
  static double read(const OptionValue& value) { return std::get<double>(value.content); }
};
template <>
struct Binding<std::string> {
  static constexpr OptionType kType = OptionType::kString;
  static OptionValue store(std::string value) { return {std::move(value)}; }
  static std::string read(const OptionValue& value) { return std::get<std::string>(value.content); }
};
template <>
struct Binding<std::filesystem::path> {
  static constexpr OptionType kType = OptionType::kFile;
  static OptionValue store(const std::filesystem::path& value) { return {value.string()}; }
  static std::filesystem::path read(const OptionValue& value) { return std::get<std::string>(value.content); }
};
template <class T>
struct Binding<std::optional<T>> {
  static constexpr OptionType kType = Binding<T>::kType;
  static OptionValue store(const std::optional<T>& value) {
    return value ? Binding<T>::store(*value) : OptionValue{Auto{}};
  }
  static std::optional<T> read(const OptionValue& value) {
    if (std::holds_alternative<Auto>(value.content)) return std::nullopt;
    return Binding<T>::read(value);
  }
};
template <class T>
struct Binding<std::vector<T>> {
  static constexpr OptionType kType = Binding<T>::kType;
  static OptionValue store(const std::vector<T>& values) {
    OptionValue::List list;
    for (const T& value : values) list.push_back(Binding<T>::store(value));
    return {std::move(list)};
  }
  static std::vector<T> read(const OptionValue& value) {
    std::vector<T> values;
    for (const OptionValue& item : std::get<OptionValue::List>(value.content)) values.push_back(Binding<T>::read(item));
    return values;
  }
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsList = false;
template <class T>
inline constexpr bool kIsList<std::vector<T>> = true;

void apply(OptionDescription& option, const OptionEdit& edit);
void apply(OptionDescription& option, const char* sentence);
PortDescription make_port(const PayloadInfo& info, std::string name);
// Fills in "free" for every fact of the kind that no edit mentioned.
void complete(PortDescription& port, const PayloadInfo& info);

}  // namespace detail

// The type of a stage without options.
struct NoOptions {};

// Built by a stage's static `contract()`; read by EARSHOT_PLUGIN. Calls may be chained in any order.
template <class Options>
class Contract {
 public:
  using OptionsType = Options;

  Contract(std::string name, std::int64_t algorithm, std::string sentence) {
    description_.name = std::move(name);
    description_.algorithm = algorithm;
    description_.sentence = std::move(sentence);
  }

  // One option: its member, its name, then unit(), range(), choices()... and one sentence, in any order.
  // Members: bool, int64_t, double, string, path; optional<> of these for "auto"; vector<> of these for a list.
  template <class Member, class... Edits>
  Contract& option(Member Options::*member, std::string name, const Edits&... edits) {
    OptionDescription option;
    option.name = std::move(name);
    option.type = detail::Binding<Member>::kType;
    option.list = detail::kIsList<Member>;
    option.may_be_auto = detail::kIsOptional<Member>;
    option.default_value = detail::Binding<Member>::store(Options{}.*member);
    (detail::apply(option, edits), ...);
    setters_.push_back([member](Options& options, const OptionValue& value) {
      options.*member = detail::Binding<Member>::read(value);
    });
    description_.options.push_back(std::move(option));
    return *this;
  }

  template <class P, class... Edits>
  Contract& input(std::string name, const Edits&... edits) {
    description_.inputs.push_back(port<P>(std::move(name), edits...));
    return *this;
  }
  // An output; of a source it belongs to the view named last.
  template <class P, class... Edits>
  Contract& output(std::string name, const Edits&... edits) {
    description_.outputs.push_back(port<P>(std::move(name), edits...));
    description_.outputs.back().view = view_;
    readers_.push_back(reader_of<P>());
    description_.outputs.back().storable = readers_.back().from_record != nullptr;
    return *this;
  }
  // A figure that finish() reports; where a value of an option is given, with that value only.
  Contract& metric(std::string name, std::string option = {}, std::string value = {}) {
    description_.metrics.push_back({std::move(name), std::move(option), std::move(value)});
    return *this;
  }
  Contract& view(std::string name) {
    view_ = std::move(name);
    return *this;
  }

  Contract& deterministic() { return determinism(Determinism::kExact); }
  Contract& numeric() { return determinism(Determinism::kNumeric); }
  Contract& random() { return determinism(Determinism::kRandom); }
  Contract& header_only() { return description_.header_only = true, *this; }
  Contract& ranged() { return description_.ranged = true, *this; }
  Contract& compute_lane() { return description_.compute_lane = true, *this; }
  Contract& trainable() { return description_.trainable = true, *this; }
  Contract& any_device() { return description_.any_device = true, *this; }
  Contract& offers(std::string capability) { return description_.offers = std::move(capability), *this; }
  Contract& wants(std::string capability) { return description_.wants = std::move(capability), *this; }

  [[nodiscard]] const PluginDescription& description() const { return description_; }
  PluginDescription& description() { return description_; }
  // Of the outputs, in their order.
  [[nodiscard]] const std::vector<PayloadReader>& readers() const { return readers_; }

  // Options as the stage sees them. `values` were checked by the engine; what is absent keeps its default.
  [[nodiscard]] Options read(const OptionValues& values) const {
    Options options{};
    for (std::size_t i = 0; i < setters_.size(); ++i)
      if (const auto found = values.find(description_.options[i].name); found != values.end())
        setters_[i](options, found->second);
    return options;
  }

 private:
  template <class P, class... Edits>
  static PortDescription port(std::string name, const Edits&... edits) {
    PortDescription port = detail::make_port(P::kInfo, std::move(name));
    (PortEdit(edits)(port), ...);
    detail::complete(port, P::kInfo);
    return port;
  }
  Contract& determinism(Determinism value) {
    description_.determinism = value;
    return *this;
  }

  PluginDescription description_;
  std::vector<std::function<void(Options&, const OptionValue&)>> setters_;
  std::vector<PayloadReader> readers_;
  std::string view_;
};

}  // namespace earshot
