#include "combination.h"

#include <algorithm>
#include <bit>

namespace earshot::scenes {
namespace {

constexpr std::uint64_t kHeldOutShare = 8;  // validation and test have one in eight of all sets, or recordings, each

// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

std::uint64_t feistel(std::uint64_t value, unsigned half_bits, std::uint64_t key) {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
  std::uint64_t left = value >> half_bits;
  std::uint64_t right = value & mask;
  for (std::uint64_t round = 0; round < 4; ++round) {
    const std::uint64_t next = left ^ (mix(right ^ mix(key + round)) & mask);
    left = right;
    right = next;
  }
  return (left << half_bits) | right;
}

// The region of `split` among `size` shuffled things: test, then validation, then training.
Region cut(Split split, std::uint64_t size) {
  const std::uint64_t share = size / kHeldOutShare;
  switch (split) {
    case Split::kTest:
      return {0, share};
    case Split::kValidation:
      return {share, share};
    case Split::kTrain:
      break;
  }
  return {2 * share, size - 2 * share};
}

}  // namespace

const char* to_string(Split split) noexcept {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kValidation:
      return "validation";
    case Split::kTest:
      return "test";
  }
  return "";
}

std::uint64_t permute(std::uint64_t index, std::uint64_t size, std::uint64_t key) {
  const unsigned half_bits = (static_cast<unsigned>(std::bit_width(size)) + 1) / 2;
  do index = feistel(index, half_bits, key);
  while (index >= size);
  return index;
}

std::uint64_t count_of_sets(std::uint64_t n, std::uint64_t k) {
  std::uint64_t count = 1;
  for (std::uint64_t i = 0; i < k; ++i) count = n < k ? 0 : count * (n - i) / (i + 1);
  return count;
}

std::vector<std::size_t> set_of_number(std::uint64_t number, std::uint64_t k) {
  std::vector<std::size_t> set(k);
  for (std::uint64_t left = k; left > 0; --left) {
    std::uint64_t largest = left - 1;
    while (count_of_sets(largest + 1, left) <= number) ++largest;
    set[left - 1] = largest;
    number -= count_of_sets(largest, left);
  }
  return set;
}

Result<Combinations> Combinations::create(std::size_t recordings, std::vector<std::int64_t> counts, SplitBy split_by,
                                          std::uint64_t seed) {
  Combinations made;
  made.recordings_ = recordings;
  made.split_by_ = split_by;
  made.seed_ = seed;
  made.held_out_counts_ = counts;
  if (split_by == SplitBy::kMixture) std::erase(made.held_out_counts_, 1);
  made.counts_ = std::move(counts);
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    if (made.counts(split).empty())
      return Error{ErrorCode::kInvalidArgument,
                   "counts: held-out scenes need two or three recordings, since one alone is no mixture; "
                   "add 2 or 3, or say split_by = \"recording\""};
    for (const std::int64_t k : made.counts(split))
      if (made.region(split, static_cast<std::uint64_t>(k)).size == 0)
        return Error{ErrorCode::kInvalidArgument, "the palette of " + std::to_string(recordings) +
                                                      " recordings is too small: split \"" + to_string(split) +
                                                      "\" has no set of " + std::to_string(k) + "; add recordings"};
  }
  return made;
}

const std::vector<std::int64_t>& Combinations::counts(Split split) const {
  return split == Split::kTrain ? counts_ : held_out_counts_;
}

Region Combinations::own_recordings(Split split) const {
  if (split_by_ == SplitBy::kMixture) return {0, recordings_};
  return cut(split, recordings_);
}

Region Combinations::region(Split split, std::uint64_t k) const {
  const std::uint64_t sets = count_of_sets(own_recordings(split).size, k);
  if (split_by_ == SplitBy::kRecording || k == 1) return {0, sets};
  return cut(split, sets);
}

std::vector<std::size_t> Combinations::recordings(Split split, std::uint64_t index) const {
  // Scenes take the sizes in turn; `rank` counts the scenes of this size before this one.
  const std::vector<std::int64_t>& turns = counts(split);
  const auto turn = static_cast<std::ptrdiff_t>(index % turns.size());
  const std::int64_t size = turns[static_cast<std::size_t>(turn)];
  const auto of_size = [&](std::ptrdiff_t end) {
    return static_cast<std::uint64_t>(std::count(turns.begin(), turns.begin() + end, size));
  };
  const std::uint64_t rank = index / turns.size() * of_size(std::ssize(turns)) + of_size(turn);

  const auto k = static_cast<std::uint64_t>(size);
  const Region own = own_recordings(split);
  const Region sets = region(split, k);
  const std::uint64_t number = permute(sets.first + rank % sets.size, count_of_sets(own.size, k), mix(seed_ * 4 + k));
  std::vector<std::size_t> set = set_of_number(number, k);
  for (std::size_t& recording : set) {
    recording += own.first;
    if (split_by_ == SplitBy::kRecording) recording = permute(recording, recordings_, mix(seed_ * 4));
  }
  std::sort(set.begin(), set.end());
  return set;
}

}  // namespace earshot::scenes
