// Trainable temperature: similarities are cosines times scale = 1 / tau, stored as theta = log(1 / tau).
// Pure functions, safe from any thread. Source: Radford et al. 2021 (CLIP), section 2.5, which also clamps at 100.
#pragma once

#include <span>

namespace earshot::retrieval {

inline constexpr double kMaxScale = 100.0;

// min(exp(theta), 100).
double scale_from_theta(double theta);

// theta = -log|tau|: imports checkpoints that store tau as it is. Precondition: tau is not 0.
double theta_from_temperature(double temperature);

// dL/dtheta = sum_ij dL/dS_ij S_ij, where S = scale * cosine, from S and dL/dS [audio, text] of equal length.
// Above the clamp S does not depend on theta: the result is then that of the clamp where a step of descent leads back
// to it, and 0 where it would lead further away, so that theta is never stuck above.
double theta_gradient(std::span<const float> similarity, std::span<const float> gradient, double theta);

}  // namespace earshot::retrieval
