#include "earshot/text/words.h"

#include <string>

#include "earshot/contract/random.h"
#include "earshot/text/prepare.h"

namespace earshot::text {
namespace {

constexpr std::uint64_t kWordSeed = 0;
constexpr std::uint64_t kPrefixSeed = 1;

std::int32_t hashed_id(std::string_view piece, std::uint64_t seed, const Tokeniser& tokeniser) {
  const std::int32_t first = tokeniser.first_ordinary();
  const auto buckets = static_cast<std::uint64_t>(tokeniser.vocabulary - first);
  return first + static_cast<std::int32_t>(hash_name(piece, seed) % buckets);
}

}  // namespace

Result<std::vector<std::int32_t>> tokenise_words(std::string_view utf8, const Tokeniser& tokeniser) {
  Result<std::string> prepared = prepare(utf8, tokeniser.preparation);
  if (!prepared) return std::move(prepared).error();
  std::vector<std::int32_t> ids;
  if (tokeniser.start >= 0) ids.push_back(tokeniser.start);
  const auto room = static_cast<std::size_t>(tokeniser.max_tokens - (tokeniser.end >= 0 ? 1 : 0));
  for (const std::string_view word : split_words(*prepared)) {
    if (ids.size() >= room) break;
    ids.push_back(hashed_id(word, kWordSeed, tokeniser));
    if (tokeniser.prefix == 0 || ids.size() >= room) continue;
    const std::string_view beginning = first_code_points(word, static_cast<std::size_t>(tokeniser.prefix));
    ids.push_back(hashed_id(beginning, kPrefixSeed, tokeniser));
  }
  if (tokeniser.end >= 0) ids.push_back(tokeniser.end);
  return ids;
}

}  // namespace earshot::text
