#include "options.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "earshot/pipeline/graph/nearest.h"
#include "earshot/pipeline/graph/quantity.h"

namespace earshot::graph {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: whole numbers below are exact in a double

std::string number_text(double number) {
  if (std::floor(number) == number && std::fabs(number) < 1e15)
    return std::to_string(static_cast<std::int64_t>(number));
  return to_text(OptionValue{number});
}

std::string range_text(const OptionDescription& option) {
  const std::string unit = option.unit.empty() ? "" : " " + option.unit;
  if (option.min && option.max) return ", " + number_text(*option.min) + " to " + number_text(*option.max) + unit;
  if (option.min) return ", at least " + number_text(*option.min) + unit;
  if (option.max) return ", at most " + number_text(*option.max) + unit;
  return {};
}

std::string expected_one(const OptionDescription& option) {
  switch (option.type) {
    case OptionType::kBool:
      return "true or false";
    case OptionType::kString:
      return "a text";
    case OptionType::kFile:
      return "a file's path";
    case OptionType::kChoice:
      return "one of " + joined(option.choices);
    case OptionType::kInt:
      return (option.unit.empty() ? "a whole number" : "a whole " + expected_quantity(option.unit).substr(2)) +
             range_text(option);
    case OptionType::kDouble:
      return (option.unit.empty() ? "a number" : expected_quantity(option.unit)) + range_text(option);
  }
  return {};
}

class OptionReader {
 public:
  OptionReader(const OptionDescription& option, const std::string& owner, Findings& findings)
      : option_(option), owner_(owner), findings_(findings) {}

  std::optional<OptionValue> read(const Value& value) const {
    if (option_.may_be_auto && value.text() != nullptr && *value.text() == "auto") return OptionValue{Auto{}};
    if (!option_.list) return read_one(value);
    if (value.array() == nullptr) return wrong(value);
    OptionValue::List list;
    for (const Value& item : *value.array()) {
      std::optional<OptionValue> one = read_one(item);
      if (!one) return std::nullopt;
      list.push_back(*std::move(one));
    }
    return OptionValue{std::move(list)};
  }

 private:
  std::optional<OptionValue> wrong(const Value& value, std::string why = {}) const {
    if (why.empty()) why = "expected " + expected_option(option_);
    findings_.error(value.where, "\"" + option_.name + "\" of " + owner_ + " is " + describe(value), std::move(why));
    return std::nullopt;
  }

  std::optional<OptionValue> read_one(const Value& value) const {
    switch (option_.type) {
      case OptionType::kBool:
        if (const bool* const flag = std::get_if<bool>(&value.content)) return OptionValue{*flag};
        return wrong(value);
      case OptionType::kString:
        if (value.text() != nullptr) return OptionValue{*value.text()};
        return wrong(value);
      case OptionType::kFile:
        if (value.text() != nullptr) return OptionValue{located(*value.text(), value.where.origin)};
        return wrong(value);
      case OptionType::kChoice:
        return read_choice(value);
      case OptionType::kInt:
      case OptionType::kDouble:
        return read_number(value);
    }
    return wrong(value);
  }

  std::optional<OptionValue> read_choice(const Value& value) const {
    const std::string* const text = value.text();
    if (text == nullptr) return wrong(value);
    if (std::find(option_.choices.begin(), option_.choices.end(), *text) != option_.choices.end())
      return OptionValue{*text};
    const std::string meant = did_you_mean(*text, option_.choices);
    return wrong(value, (meant.empty() ? "" : meant + " ") + "expected " + expected_option(option_));
  }

  std::optional<OptionValue> read_number(const Value& value) const {
    const bool whole = option_.type == OptionType::kInt;
    if (const auto* const exact = std::get_if<std::int64_t>(&value.content)) {
      if (!in_range(static_cast<double>(*exact))) return wrong(value);
      return whole ? OptionValue{*exact} : OptionValue{static_cast<double>(*exact)};
    }
    double number = 0;
    if (const double* const given = std::get_if<double>(&value.content)) {
      if (whole) return wrong(value);
      number = *given;
    } else if (value.text() != nullptr) {
      const Result<double> quantity = read_quantity(*value.text(), option_.unit);
      if (!quantity.ok()) return wrong(value, quantity.error().message);
      number = *quantity;
    } else {
      return wrong(value);
    }
    if (!std::isfinite(number) || !in_range(number)) return wrong(value);
    if (!whole) return OptionValue{number};
    if (std::fabs(number) >= kLargestExact || std::floor(number) != number) return wrong(value);
    return OptionValue{static_cast<std::int64_t>(number)};
  }

  [[nodiscard]] bool in_range(double number) const {
    return (!option_.min || number >= *option_.min) && (!option_.max || number <= *option_.max);
  }

  // A path in a graph file is relative to that file; on the command line, to the working directory.
  static std::string located(const std::string& text, const Origin& origin) {
    const std::filesystem::path path(text);
    if (text.empty() || path.is_absolute() || origin.file == kArgument) return text;
    return (std::filesystem::path(origin.file).parent_path() / path).lexically_normal().generic_string();
  }

  const OptionDescription& option_;
  const std::string& owner_;
  Findings& findings_;
};

}  // namespace

std::string expected_option(const OptionDescription& option) {
  std::string out = option.list ? "a list, each " + expected_one(option) : expected_one(option);
  return option.may_be_auto ? out + ", or auto" : out;
}

std::optional<OptionValue> read_option(const OptionDescription& option, const Value& value, const std::string& owner,
                                       Findings& findings) {
  return OptionReader(option, owner, findings).read(value);
}

}  // namespace earshot::graph
