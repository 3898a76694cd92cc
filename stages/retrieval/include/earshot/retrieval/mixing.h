// Who is mixed with whom, and how strongly: draws of Mixco as pure functions of uniform numbers in [0, 1).
// Safe from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace earshot::retrieval {

// Partner of each of n = uniforms.size() items: a random cyclic permutation, so nobody is its own partner when n > 1.
// Every cycle is equally likely; uniforms[0] is not used. Source: Sattolo, Inf. Process. Lett. 22 (1986).
std::vector<std::size_t> random_partners(std::span<const double> uniforms);

// lambda ~ U(0, 1) of each item; with `per_batch`, the first draw for all.
std::vector<double> mixing_weights(std::span<const double> uniforms, bool per_batch);

}  // namespace earshot::retrieval
