// Which parameters are updated, and how: the groups of a graph file applied to the parameters of the stages upstream.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "earshot/contract/setup.h"
#include "earshot/contract/stage.h"
#include "earshot/nn/parameters.h"

namespace earshot::adam {

struct Group {
  double lr = 0;  // at its peak
  double weight_decay = 0;
  std::vector<nn::NamedTensor> parameters;  // named STAGE/PARAMETER; all on one device
};

// For each of `wanted` in its order, then with `lr` and `weight_decay` for the parameters that none matches: a group
// for each device that has some of them. Frozen parameters get no gradient from now on and are in no group; nor are
// those of stages that do not train. Errors: kInvalidArgument where an expression is none, or matches nothing, naming
// some parameters there are.
Result<std::vector<Group>> assign(std::span<const Connection> upstream, std::span<const ParameterGroup> wanted,
                                  double lr, double weight_decay);

}  // namespace earshot::adam
