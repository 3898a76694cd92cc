#include "earshot/text/words.h"

#include "earshot/contract/random.h"
#include "earshot/text/prepare.h"

namespace earshot::text {
namespace {

constexpr std::uint64_t kWordSeed = 0;
constexpr std::uint64_t kPrefixSeed = 1;

}  // namespace

std::int32_t Words::hashed_id(std::string_view piece, std::uint64_t seed) const {
  return first_ + static_cast<std::int32_t>(hash_name(piece, seed) % static_cast<std::uint64_t>(buckets_));
}

void Words::cut(std::string_view text, std::vector<std::int32_t>& ids) const {
  for (const std::string_view word : split_words(text)) {
    ids.push_back(hashed_id(word, kWordSeed));
    if (prefix_ > 0) ids.push_back(hashed_id(first_code_points(word, static_cast<std::size_t>(prefix_)), kPrefixSeed));
  }
}

}  // namespace earshot::text
