#include "unigram.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <sentencepiece_processor.h>

namespace earshot::text {

Unigram::Unigram(std::unique_ptr<sentencepiece::SentencePieceProcessor> pieces) : pieces_(std::move(pieces)) {}
Unigram::~Unigram() = default;

Result<std::unique_ptr<Unigram>> Unigram::open(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{ErrorCode::kNotFound, "there is no " + file.string()};
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  auto pieces = std::make_unique<sentencepiece::SentencePieceProcessor>();
  if (const auto status = pieces->LoadFromSerializedProto(bytes); !status.ok())
    return Error{ErrorCode::kCorruptInput, file.string() + " is no SentencePiece model: " + status.ToString()};
  return std::unique_ptr<Unigram>(new Unigram(std::move(pieces)));
}

void Unigram::cut(std::string_view text, std::vector<std::int32_t>& ids) const {
  std::vector<int> pieces;
  if (pieces_->Encode(text, &pieces).ok()) ids.insert(ids.end(), pieces.begin(), pieces.end());
}

std::int32_t Unigram::size() const { return pieces_->GetPieceSize(); }

std::int32_t Unigram::id_of(std::string_view piece) const {
  const int id = pieces_->PieceToId(piece);
  return pieces_->IdToPiece(id) == piece ? id : -1;
}

}  // namespace earshot::text
