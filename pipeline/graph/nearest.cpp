#include "earshot/pipeline/graph/nearest.h"

#include <algorithm>
#include <vector>

namespace earshot::graph {
namespace {

constexpr std::size_t kLongestName = 64;

// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      cost[i][j] = std::min({replace, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

// The only candidate that holds `name`, or is held by it; empty where there is none, or several.
std::string only_one_with(std::string_view name, std::span<const std::string> names) {
  constexpr std::size_t kShortest = 4;
  std::string found;
  for (const std::string& candidate : names) {
    if (std::min(name.size(), candidate.size()) < kShortest) continue;
    if (candidate.find(name) == std::string::npos && name.find(candidate) == std::string_view::npos) continue;
    if (!found.empty()) return {};
    found = candidate;
  }
  return found;
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> names) {
  if (name.empty() || name.size() > kLongestName) return {};
  std::size_t best = std::max<std::size_t>(1, (name.size() + 1) / 3) + 1;
  std::string found;
  for (const std::string& candidate : names) {
    if (candidate.size() > kLongestName || candidate.size() + best <= name.size() ||
        name.size() + best <= candidate.size())
      continue;
    const std::size_t apart = distance(name, candidate);
    if (apart < best && apart < candidate.size()) {
      best = apart;
      found = candidate;
    }
  }
  return found.empty() ? only_one_with(name, names) : found;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> names) {
  const std::string found = nearest(name, names);
  return found.empty() ? std::string() : "did you mean \"" + found + "\"?";
}

std::string joined(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string listed(std::span<const std::string> names, std::string_view none) {
  if (names.empty()) return std::string(none);
  if (names.size() == 1) return names.front();
  return joined(names.first(names.size() - 1)) + " and " + names.back();
}

}  // namespace earshot::graph
