// The tokeniser family `words`: a hashed vocabulary that needs no fitting pass and no file.
//
// Text is cut at white space. A word's id is first_ordinary + XXH3(word) modulo the number of ordinary ids (the hashing
// trick, Weinberger et al. 2009): words may share an id, none is unknown. With prefix = n each word is followed by a
// token for its first n letters, hashed apart from words, so that `dog` and `dogs` share one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "earshot/text/model.h"
#include "earshot/text/tokeniser.h"

namespace earshot::text {

class Words final : public Model {
 public:
  // Precondition: tokeniser.check().
  explicit Words(const Tokeniser& tokeniser)
      : first_(tokeniser.first_ordinary()), buckets_(tokeniser.vocabulary - first_), prefix_(tokeniser.prefix) {}
  void cut(std::string_view text, std::vector<std::int32_t>& ids) const override;

 private:
  [[nodiscard]] std::int32_t hashed_id(std::string_view piece, std::uint64_t seed) const;

  std::int32_t first_;
  std::int32_t buckets_;
  std::int32_t prefix_;
};

}  // namespace earshot::text
