// Learning rates over a run: linear warm-up, then a cosine down to a floor. Pure functions; no LibTorch.
#pragma once

#include <cstdint>

namespace earshot::nn {

struct CosineSchedule {
  double peak = 1e-3;
  double floor = 0;
  std::int64_t warm_up_steps = 0;
  std::int64_t total_steps = 1;  // warm-up included
};

// The rate of step s = 0, 1, ...; with w warm-up steps of T:
//     s < w:  floor + (peak - floor) (s + 1) / w, so that step 0 is not wasted
//     else:   floor + (peak - floor) (1 + cos(pi (s - w) / (T - w))) / 2
// From step T on it is `floor`. Source: Loshchilov and Hutter 2017, eq. 5, without restarts.
double learning_rate(const CosineSchedule& schedule, std::int64_t step);

}  // namespace earshot::nn
