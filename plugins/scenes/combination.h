// Which recordings a scene holds, so that no combination of a held-out scene is ever heard in training.
//
// The sets of k out of n recordings have numbers 0 .. C(n, k) - 1. A permutation, keyed by seed and k, shuffles the
// numbers; the shuffled row is cut into one region for each split. Numbering and permutation are one to one, so a set
// lies in exactly one region: held-out mixtures are new by construction, whatever order or relation their recordings
// have. Inside a region, scene after scene takes the next set; a set comes again only when the region is used up.
// Sets of one recording are no mixtures and belong to training alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::scenes {

enum class Split : std::uint8_t { kTrain, kValidation, kTest };
enum class SplitBy : std::uint8_t {
  kMixture,    // every split has all recordings, and sets of its own
  kRecording,  // every split has recordings of its own
};

const char* to_string(Split split) noexcept;

// A bijection of 0 .. size - 1, keyed: four rounds of a Feistel network with cycle walking (Black and Rogaway,
// "Ciphers with arbitrary finite domains", CT-RSA 2002). Precondition: index < size.
std::uint64_t permute(std::uint64_t index, std::uint64_t size, std::uint64_t key);

// C(n, k). Precondition: k <= 3 and n <= 4096, so that it fits.
std::uint64_t count_of_sets(std::uint64_t n, std::uint64_t k);

// The `number`-th set of k out of n, ascending (combinatorial number system). Precondition: number < C(n, k).
std::vector<std::size_t> set_of_number(std::uint64_t number, std::uint64_t k);

// A run of shuffled numbers.
struct Region {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

// Immutable; safe from any thread.
class Combinations {
 public:
  // `counts` are the sizes of sets (1, 2 or 3) that scenes have in turn.
  // Errors: kInvalidArgument where a split would have no set of some size.
  static Result<Combinations> create(std::size_t recordings, std::vector<std::int64_t> counts, SplitBy split_by,
                                     std::uint64_t seed);

  // The recordings of scene `index` of `split`, ascending.
  [[nodiscard]] std::vector<std::size_t> recordings(Split split, std::uint64_t index) const;

 private:
  [[nodiscard]] const std::vector<std::int64_t>& counts(Split split) const;
  [[nodiscard]] Region region(Split split, std::uint64_t k) const;
  [[nodiscard]] Region own_recordings(Split split) const;

  std::size_t recordings_ = 0;
  std::vector<std::int64_t> counts_;           // of training
  std::vector<std::int64_t> held_out_counts_;  // of validation and test
  SplitBy split_by_ = SplitBy::kMixture;
  std::uint64_t seed_ = 0;
};

}  // namespace earshot::scenes
