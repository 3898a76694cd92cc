#include "cache_stores.h"

#include <array>
#include <ctime>
#include <map>

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

std::vector<ChangedPart> changed_parts(const cache::Description& before, const cache::Description& after) {
  std::map<std::string, ChangedPart> parts;
  for (const auto& [name, value] : before.parts) parts[name].before = value;
  for (const auto& [name, value] : after.parts) parts[name].after = value;
  std::vector<ChangedPart> changed;
  for (auto& [name, part] : parts)
    if (part.before != part.after) changed.push_back({name, part.before, part.after});
  return changed;
}

}  // namespace earshot::tools
