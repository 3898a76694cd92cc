#include "earshot/contract/description.h"

#include <array>
#include <charconv>
#include <type_traits>

#include "earshot/contract/result.h"
#include "earshot/contract/setup.h"

namespace earshot {

const char* to_string(ErrorCode code) noexcept {
  static constexpr std::array kNames = {"invalid argument", "corrupt input", "too large", "unsupported", "not found",
                                        "input/output",     "non-finite",    "cancelled", "internal"};
  return kNames.at(static_cast<std::size_t>(code));
}

const char* to_string(StageKind kind) noexcept {
  static constexpr std::array kNames = {"source", "map", "expand", "collapse", "batch map", "step", "collect"};
  return kNames.at(static_cast<std::size_t>(kind));
}

const char* to_string(OptionType type) noexcept {
  static constexpr std::array kNames = {"bool", "int", "double", "string", "choice", "file"};
  return kNames.at(static_cast<std::size_t>(type));
}

const char* to_string(Determinism determinism) noexcept {
  static constexpr std::array kNames = {"random", "exact", "numeric"};
  return kNames.at(static_cast<std::size_t>(determinism));
}

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

std::string shortest(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string out(text.data(), end);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

std::string to_text(const OptionValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, Auto>) return "auto";
        if constexpr (std::is_same_v<T, bool>) return held ? "true" : "false";
        if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(held);
        if constexpr (std::is_same_v<T, double>) return shortest(held);
        if constexpr (std::is_same_v<T, std::string>) return quoted(held);
        if constexpr (std::is_same_v<T, OptionValue::List>) {
          std::string out = "[";
          for (const OptionValue& item : held) out += (out.size() > 1 ? ", " : "") + to_text(item);
          return out + "]";
        }
      },
      value.content);
}

std::string Setup::fact(std::string_view port, std::string_view name) const {
  const auto found = facts.find(std::string(port));
  if (found == facts.end()) return {};
  const auto value = found->second.find(std::string(name));
  return value == found->second.end() ? std::string() : value->second;
}

Result<std::int64_t> Setup::number(std::string_view port, std::string_view name) const {
  const std::string text = fact(port, name);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value <= 0)
    return Error{ErrorCode::kInternal, "stage '" + stage + "': fact '" + std::string(name) + "' of port '" +
                                           std::string(port) + "' is \"" + text + "\", expected a positive number"};
  return value;
}

}  // namespace earshot
