#include "earshot/nn/schedule.h"

#include <cmath>
#include <numbers>

namespace earshot::nn {

double learning_rate(const CosineSchedule& schedule, std::int64_t step) {
  const double height = schedule.peak - schedule.floor;
  if (step < schedule.warm_up_steps)
    return schedule.floor + height * static_cast<double>(step + 1) / static_cast<double>(schedule.warm_up_steps);
  if (step >= schedule.total_steps) return schedule.floor;
  const double share = static_cast<double>(step - schedule.warm_up_steps) /
                       static_cast<double>(schedule.total_steps - schedule.warm_up_steps);
  return schedule.floor + height * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace earshot::nn
