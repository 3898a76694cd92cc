#include "byte_pair.h"

#include <algorithm>
#include <array>
#include <queue>

#include "code_points.h"

namespace earshot::text {
namespace {

// GPT-2's table: bytes that can be printed stand for themselves, the other 68, in order, for U+0100, U+0101, ...
std::array<std::int32_t, 256> printable_bytes() {
  std::array<std::int32_t, 256> table{};
  std::int32_t next = 0x100;
  for (std::int32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    table[static_cast<std::size_t>(byte)] = printable ? byte : next++;
  }
  return table;
}

// The bytes that a token of the files stands for; empty where a character stands for none: a special.
std::string bytes_of(std::string_view token, const std::unordered_map<std::int32_t, char>& bytes) {
  std::string out;
  for (std::size_t at = 0; at < token.size();) {
    const CodePoint point = code_point_at(token, at);
    const auto found = bytes.find(point.value);
    if (point.length <= 0 || found == bytes.end()) return {};
    out += found->second;
    at += static_cast<std::size_t>(point.length);
  }
  return out;
}

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(left) << 32U | static_cast<std::uint32_t>(right);
}

enum class Class : std::uint8_t { kSpace, kLetter, kNumber, kOther };

Class class_of(std::int32_t c) {
  if (is_white_space(c)) return Class::kSpace;
  if (is_letter(c)) return Class::kLetter;
  return is_number(c) ? Class::kNumber : Class::kOther;
}

// Where the run of characters of `wanted` that begins at `at` ends.
std::size_t end_of_run(std::string_view text, std::size_t at, Class wanted) {
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    if (class_of(point.value) != wanted) break;
    at += static_cast<std::size_t>(point.length);
  }
  return at;
}

// The end of the piece that begins at `at`, by GPT-2's expression, the first alternative that fits:
//     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t end_of_piece(std::string_view text, std::size_t at) {
  if (text[at] == '\'')
    for (const std::string_view contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
      if (text.substr(at).starts_with(contraction)) return at + contraction.size();
  const std::size_t behind_space = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;
  const Class first = class_of(code_point_at(text, behind_space).value);
  if (first != Class::kSpace) return end_of_run(text, behind_space, first);
  const std::size_t end = end_of_run(text, at, Class::kSpace);
  if (end == text.size()) return end;
  // A run before something else gives back its last character, unless that is all of it.
  std::size_t last = end - 1;
  while ((static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80U) --last;
  return last > at ? last : end;
}

}  // namespace

BytePair::BytePair(BytePair&& other) noexcept : merges_(std::move(other.merges_)), whole_(std::move(other.whole_)) {
  std::ranges::copy(other.byte_ids_, byte_ids_);
}

Result<BytePair> BytePair::make(const Vocabulary& tokens,
                                const std::vector<std::pair<std::string, std::string>>& merges) {
  BytePair model;
  std::unordered_map<std::int32_t, char> bytes;
  const std::array<std::int32_t, 256> printable = printable_bytes();
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::string token;
    append(token, printable[byte]);
    const auto found = tokens.find(token);
    if (found == tokens.end())
      return Error{ErrorCode::kCorruptInput, "the vocabulary has no token for byte " + std::to_string(byte)};
    model.byte_ids_[byte] = found->second;
    bytes.emplace(printable[byte], static_cast<char>(byte));
  }
  for (const auto& [left, right] : merges) {
    const auto a = tokens.find(left);
    const auto b = tokens.find(right);
    const auto merged = tokens.find(left + right);
    if (a == tokens.end() || b == tokens.end() || merged == tokens.end()) {
      std::string pair = left;
      pair.append(" ").append(right);
      return Error{ErrorCode::kCorruptInput, "the vocabulary has not all of the merge '" + pair + "'"};
    }
    const auto rank = static_cast<std::int32_t>(model.merges_.size());
    model.merges_.emplace(pair_key(a->second, b->second), Merge{rank, merged->second});
  }
  std::vector<std::int32_t> ids;
  for (const auto& [token, id] : tokens) {
    std::string raw = bytes_of(token, bytes);
    ids.clear();
    if (!raw.empty()) model.merge(raw, ids);
    if (ids.size() == 1 && ids[0] == id) model.whole_.emplace(std::move(raw), id);
  }
  return model;
}

void BytePair::cut(std::string_view text, std::vector<std::int32_t>& ids) const {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_piece(text, at);
    const std::string_view piece = text.substr(at, end - at);
    if (const auto whole = whole_.find(piece); whole != whole_.end())
      ids.push_back(whole->second);
    else
      merge(piece, ids);
    at = end;
  }
}

void BytePair::merge(std::string_view piece, std::vector<std::int32_t>& ids) const {
  struct Symbol {
    std::int32_t id;
    std::ptrdiff_t previous;
    std::ptrdiff_t next;  // -1: none; id -1: merged into the one before
  };
  struct Candidate {
    std::int32_t rank;
    std::ptrdiff_t left;
    std::int32_t left_id;
    std::int32_t right_id;
    std::int32_t merged;
    bool operator<(const Candidate& other) const {  // the queue gives the largest first
      return std::pair(rank, left) > std::pair(other.rank, other.left);
    }
  };
  std::vector<Symbol> symbols;
  const auto size = static_cast<std::ptrdiff_t>(piece.size());
  for (std::ptrdiff_t i = 0; i < size; ++i)
    symbols.push_back(
        {byte_ids_[static_cast<unsigned char>(piece[static_cast<std::size_t>(i)])], i - 1, i + 1 < size ? i + 1 : -1});
  const auto symbol = [&](std::ptrdiff_t at) -> Symbol& { return symbols[static_cast<std::size_t>(at)]; };
  std::priority_queue<Candidate> queue;
  const auto offer = [&](std::ptrdiff_t left) {
    if (left < 0 || symbol(left).next < 0) return;
    const std::int32_t right_id = symbol(symbol(left).next).id;
    if (const auto found = merges_.find(pair_key(symbol(left).id, right_id)); found != merges_.end())
      queue.push({found->second.rank, left, symbol(left).id, right_id, found->second.id});
  };
  for (std::ptrdiff_t i = 0; i + 1 < size; ++i) offer(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbol(best.left);
    if (left.id != best.left_id || left.next < 0 || symbol(left.next).id != best.right_id) continue;  // gone since
    Symbol& right = symbol(left.next);
    left.id = best.merged;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbol(left.next).previous = best.left;
    offer(left.previous);
    offer(best.left);
  }
  for (std::ptrdiff_t at = 0; at >= 0; at = symbol(at).next) ids.push_back(symbol(at).id);
}

}  // namespace earshot::text
