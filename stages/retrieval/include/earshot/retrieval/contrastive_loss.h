// Contrastive loss of a batch of pairs, of clean clips (InfoNCE) and of mixed ones (Mixco): value and gradient as plain
// functions of a similarity matrix. Sums are float64 in a fixed order; pure functions, safe from any thread.
//
// With R = log softmax of S along its rows (audio to text), K = log softmax along its columns (text to audio) and
// target weights W >= 0 that sum to 1 over the matrix:
//     L = factor * ( - sum_ij W_ij R_ij  - sum_ij W_ij K_ij )
// so each direction is a mean. factor = B is the sum of Munakata et al. (DCASE 2024 task 8, eq. 3-6 and 10-12),
// factor = 0.5 the half sum of two means of CP-JKU 2023. Eq. 9 is read with lambda and 1 - lambda as the two weights,
// as eq. 10 and MixCo (Kim et al. 2020) have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::retrieval {

// What a pair of the batch counts as when its clip is in the batch more than once.
enum class Positives : std::uint8_t {
  kDiagonal,           // a negative, like every other pair
  kMultiPositiveMean,  // a positive: the mean is over all positive cells of the matrix (CP-JKU 2023, DCASE 2025
                       // baseline)
  kMask,               // neither: left out of the softmax (DCASE 2023 baseline)
};

// Scaled similarities [audio, text], row-major, not owned: S_ij = scale * (a_i . t_j) of unit rows.
struct Similarity {
  std::span<const float> values;
  std::size_t audio_count = 0;
  std::size_t text_count = 0;
};

// One row of a mixed batch: lambda of clip `own` and 1 - lambda of clip `partner`, both numbers of texts in the batch.
struct Mixture {
  std::size_t own = 0;
  std::size_t partner = 0;
  double lambda = 1.0;  // in [0, 1]
};

struct LossSettings {
  Positives positives = Positives::kMultiPositiveMean;
  double factor = 1.0;
};

struct LossAndGradient {
  double loss = 0;
  std::vector<float> gradient;  // dL/dS [audio, text]
};

// InfoNCE of B clips and their B texts, pair i on the diagonal. `clip_keys`: [B] names of the texts' clips, equal where
// the clip is the same; kDiagonal needs none.
// Errors: kInvalidArgument when sizes disagree or B is 0; kNonFinite when a similarity is NaN or infinite.
Result<LossAndGradient> info_nce(const Similarity& similarity, std::span<const std::string> clip_keys,
                                 const LossSettings& settings);

// Mixco of M mixtures [M] and B texts; rows of `similarity` are mixtures. lambda = 1 everywhere, or every partner its
// own, gives exactly `info_nce`. Errors: as `info_nce`, and kInvalidArgument for a mixture outside the batch.
Result<LossAndGradient> mixco(const Similarity& similarity, std::span<const Mixture> mixtures,
                              std::span<const std::string> clip_keys, const LossSettings& settings);

}  // namespace earshot::retrieval
