#include "cache_stores.h"

#include <array>
#include <ctime>

namespace earshot::tools {

std::string time_text(std::int64_t time_s) {
  const auto time = static_cast<std::time_t>(time_s);
  std::tm local{};
  localtime_r(&time, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &local);
  return text.data();
}

std::string parts_text(const cache::Description& description) {
  std::string text;
  for (const auto& [name, value] : description.parts)
    text.append(text.empty() ? "" : ", ").append(name).append(" ").append(value);
  return text;
}

}  // namespace earshot::tools
