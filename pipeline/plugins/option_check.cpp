#include "earshot/pipeline/plugins/option_check.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace earshot::plugins {
namespace {

// A bound as people write it: 60, 0.5.
std::string number(double value) {
  std::string text = to_text({value});
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string one(const OptionDescription& option) {
  switch (option.type) {
    case OptionType::kBool:
      return "true or false";
    case OptionType::kInt:
      return "whole number";
    case OptionType::kDouble:
      return "number";
    case OptionType::kString:
      return "text";
    case OptionType::kFile:
      return "path of a file";
    case OptionType::kChoice:
      break;
  }
  std::string text = "one of ";
  for (const std::string& choice : option.choices)
    text += (&choice == option.choices.data() ? "" : ", ") + to_text({choice});
  return text;
}

std::string bounds(const OptionDescription& option) {
  std::string text;
  if (option.min && option.max)
    text = " from " + number(*option.min) + " to " + number(*option.max);
  else if (option.min)
    text = " of at least " + number(*option.min);
  else if (option.max)
    text = " of at most " + number(*option.max);
  return option.unit.empty() ? text : text + (text.empty() ? " in " : " ") + option.unit;
}

bool in_range(const OptionDescription& option, double value) {
  return std::isfinite(value) && (!option.min || value >= *option.min) && (!option.max || value <= *option.max);
}

bool fits(const OptionDescription& option, const OptionValue& value) {
  const auto* whole = std::get_if<std::int64_t>(&value.content);
  const auto* real = std::get_if<double>(&value.content);
  const auto* text = std::get_if<std::string>(&value.content);
  switch (option.type) {
    case OptionType::kBool:
      return std::holds_alternative<bool>(value.content);
    case OptionType::kInt:
      return whole != nullptr && in_range(option, static_cast<double>(*whole));
    case OptionType::kDouble:
      return (real != nullptr && in_range(option, *real)) ||
             (whole != nullptr && in_range(option, static_cast<double>(*whole)));
    case OptionType::kString:
    case OptionType::kFile:
      return text != nullptr;
    case OptionType::kChoice:
      return text != nullptr && std::ranges::find(option.choices, *text) != option.choices.end();
  }
  return false;
}

}  // namespace

std::string expected(const OptionDescription& option) {
  std::string text = one(option) + bounds(option);
  if (option.list) text = "list, each " + text;
  if (option.may_be_auto) text += ", or \"auto\"";
  return text;
}

std::string why_not(const OptionDescription& option, const OptionValue& value) {
  if (std::holds_alternative<Auto>(value.content))
    return option.may_be_auto ? std::string() : "expected " + expected(option);
  const auto* list = std::get_if<OptionValue::List>(&value.content);
  const bool right =
      option.list
          ? list != nullptr && std::ranges::all_of(*list, [&](const OptionValue& item) { return fits(option, item); })
          : list == nullptr && fits(option, value);
  return right ? std::string() : "expected " + expected(option);
}

}  // namespace earshot::plugins
