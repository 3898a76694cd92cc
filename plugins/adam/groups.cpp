#include "groups.h"

#include <algorithm>
#include <regex>
#include <utility>

namespace earshot::adam {
namespace {

Result<std::vector<std::regex>> expressions(std::span<const ParameterGroup> wanted) {
  std::vector<std::regex> expressions;
  for (const ParameterGroup& group : wanted) {
    try {
      expressions.emplace_back(group.match, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error& wrong) {
      return Error{ErrorCode::kInvalidArgument,
                   "group match = \"" + group.match + "\" is no regular expression: " + wrong.what()};
    }
  }
  return expressions;
}

std::vector<nn::NamedTensor> all_parameters(std::span<const Connection> upstream) {
  std::vector<nn::NamedTensor> all;
  for (const Connection& connection : upstream) {
    if (connection.capability == nullptr) continue;
    for (const nn::NamedTensor& one : static_cast<nn::Parameters*>(connection.capability)->parameters())
      if (one.tensor.requires_grad()) all.push_back({connection.stage + "/" + one.name, one.tensor});
  }
  return all;
}

Error matches_nothing(const ParameterGroup& group, std::span<const nn::NamedTensor> all) {
  std::string names;
  for (std::size_t i = 0; i < all.size() && i < 3; ++i) names += (i == 0 ? " '" : ", '") + all[i].name + "'";
  return {ErrorCode::kInvalidArgument, "group match = \"" + group.match +
                                           "\" matches no parameter that trains and that no group before it took; "
                                           "it must match a whole name, such as" +
                                           names};
}

// In the order in which the devices first occur.
std::vector<std::vector<nn::NamedTensor>> by_device(std::vector<nn::NamedTensor> all) {
  std::vector<std::vector<nn::NamedTensor>> parts;
  for (nn::NamedTensor& one : all) {
    auto part = std::ranges::find(parts, one.tensor.device(),
                                  [](const auto& members) { return members.front().tensor.device(); });
    if (part == parts.end()) part = parts.emplace(parts.end());
    part->push_back(std::move(one));
  }
  return parts;
}

}  // namespace

Result<std::vector<Group>> assign(std::span<const Connection> upstream, std::span<const ParameterGroup> wanted,
                                  double lr, double weight_decay) {
  Result<std::vector<std::regex>> matchers = expressions(wanted);
  if (!matchers.ok()) return std::move(matchers).error();
  // One more than is wanted: what no expression matches.
  std::vector<std::vector<nn::NamedTensor>> members(wanted.size() + 1);
  const std::vector<nn::NamedTensor> all = all_parameters(upstream);
  std::vector<bool> matched(wanted.size(), false);
  for (const nn::NamedTensor& one : all) {
    std::size_t first = 0;
    while (first < wanted.size() && !std::regex_match(one.name, (*matchers)[first])) ++first;
    if (first < wanted.size()) matched[first] = true;
    if (first < wanted.size() && wanted[first].frozen)
      one.tensor.requires_grad_(false);
    else
      members[first].push_back(one);
  }
  std::vector<Group> groups;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i < wanted.size() && !matched[i]) return matches_nothing(wanted[i], all);
    Group group{lr, weight_decay, {}};
    if (i < wanted.size()) group = {wanted[i].lr.value_or(lr), wanted[i].weight_decay.value_or(weight_decay), {}};
    for (std::vector<nn::NamedTensor>& parameters : by_device(std::move(members[i]))) {
      groups.push_back(group);
      groups.back().parameters = std::move(parameters);
    }
  }
  return groups;
}

}  // namespace earshot::adam
