// The tokeniser family `unigram`: SentencePiece's (Kudo 2018), by its own library, as T5 has it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/text/model.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace earshot::text {

class Unigram final : public Model {
 public:
  // Of a file spiece.model. Errors: kNotFound, kCorruptInput.
  static Result<std::unique_ptr<Unigram>> open(const std::filesystem::path& file);
  ~Unigram() override;

  void cut(std::string_view text, std::vector<std::int32_t>& ids) const override;
  [[nodiscard]] std::int32_t size() const;                         // number of pieces
  [[nodiscard]] std::int32_t id_of(std::string_view piece) const;  // -1: no such piece

 private:
  explicit Unigram(std::unique_ptr<sentencepiece::SentencePieceProcessor> pieces);
  std::unique_ptr<sentencepiece::SentencePieceProcessor> pieces_;
};

}  // namespace earshot::text
