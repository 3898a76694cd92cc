// The tokeniser family `byte_pair`: byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019) as GPT-2
// and RoBERTa have it. Every byte has a token, so that nothing is unknown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/text/model.h"
#include "vocabulary.h"

namespace earshot::text {

class BytePair final : public Model {
 public:
  // `tokens` and `merges` as the files have them, bytes written as printable characters; merges in order of rank.
  // Errors: kCorruptInput naming a merge or a byte that the tokens lack.
  static Result<BytePair> make(const Vocabulary& tokens,
                               const std::vector<std::pair<std::string, std::string>>& merges);
  BytePair(BytePair&& other) noexcept;

  void cut(std::string_view text, std::vector<std::int32_t>& ids) const override;

 private:
  struct Merge {
    std::int32_t rank = 0;
    std::int32_t id = 0;
  };
  BytePair() = default;
  // Ids of one piece: single bytes, then the pair of lowest rank, the leftmost first, until none is left.
  void merge(std::string_view piece, std::vector<std::int32_t>& ids) const;

  std::int32_t byte_ids_[256] = {};
  std::unordered_map<std::uint64_t, Merge> merges_;  // by both ids
  Vocabulary whole_;                                 // bytes of tokens that merging gives back as one
};

}  // namespace earshot::text
