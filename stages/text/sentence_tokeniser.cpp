#include "earshot/text/sentence_tokeniser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "byte_pair.h"
#include "code_points.h"
#include "earshot/contract/content_id.h"
#include "earshot/text/prepare.h"
#include "earshot/text/words.h"
#include "unigram.h"
#include "vocabulary_folder.h"
#include "wordpiece.h"

namespace earshot::text {
namespace {

constexpr const char* kPieces = "spiece.model";
constexpr std::int32_t kExtraIds = 100;  // <extra_id_0> is the last id, and so on downwards (T5)

// What a role may be called, what counts first: of RoBERTa and T5, then of BERT. MPNet's vocabulary has BERT's behind
// its own start, end and padding, and calls the unknown as BERT does.
struct Role {
  std::int32_t Tokeniser::*id;
  std::array<const char*, 2> names;
};
constexpr std::array<Role, 5> kRoles{{{&Tokeniser::start, {"<s>", "[CLS]"}},
                                      {&Tokeniser::end, {"</s>", "[SEP]"}},
                                      {&Tokeniser::pad, {"<pad>", "[PAD]"}},
                                      {&Tokeniser::unk, {"[UNK]", "<unk>"}},
                                      {&Tokeniser::mask, {"<mask>", "[MASK]"}}}};

// The length of `text` without the white space at its end.
std::size_t without_blanks_behind(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    at += static_cast<std::size_t>(point.length);
    if (!is_white_space(point.value)) length = at;
  }
  return length;
}

Tokeniser empty_record(const std::filesystem::path& folder, const std::string& family) {
  Tokeniser record{.family = family, .prefix = 0, .preparation = Preparation::kRaw};
  record.path = folder.string();
  return record;
}

Result<Tokeniser> with_roles(Tokeniser record, const VocabularyFolder& read) {
  for (const Role& role : kRoles) {
    record.*role.id = -1;
    for (const char* name : role.names)
      if (const auto found = read.tokens.find(std::string_view(name)); found != read.tokens.end())
        if (record.*role.id < 0) record.*role.id = found->second;
  }
  if (record.start < 0 || record.end < 0 || record.pad < 0 || record.unk < 0)
    return Error{ErrorCode::kInvalidArgument,
                 "the vocabulary in " + record.path + " lacks a start, end, padding or unknown token"};
  std::int32_t last = 0;
  for (const auto& [token, id] : read.tokens) last = std::max(last, id);
  record.vocabulary = last + 1;
  record.content = read.content;
  return record;
}

Result<Tokeniser> unigram_record(Tokeniser record) {
  const std::filesystem::path file = std::filesystem::path(record.path) / kPieces;
  const Result<std::unique_ptr<Unigram>> pieces = Unigram::open(file);
  if (!pieces.ok()) return pieces.error();
  record.start = -1;
  record.end = (*pieces)->id_of("</s>");
  record.pad = (*pieces)->id_of("<pad>");
  record.unk = (*pieces)->id_of("<unk>");
  if (record.end < 0 || record.pad < 0 || record.unk < 0)
    return Error{ErrorCode::kInvalidArgument, file.string() + " lacks <pad>, </s> or <unk>: expected T5's pieces"};
  record.vocabulary = (*pieces)->size() + kExtraIds;
  // The first sentinel, which stands for what pre-training hides (Raffel et al. 2020, section 3.1.4).
  record.mask = record.vocabulary - 1;
  Result<std::string> content = content_id_of_file(file);
  if (!content.ok()) return std::move(content).error();
  record.content = *std::move(content);
  return record;
}

}  // namespace

Result<Tokeniser> tokeniser_in(const std::filesystem::path& folder, const std::string& family) {
  Tokeniser record = empty_record(folder, family);
  if (family == "unigram") return unigram_record(std::move(record));
  const Result<VocabularyFolder> read = read_vocabulary_folder(folder, family);
  if (!read.ok()) return read.error();
  return with_roles(std::move(record), *read);
}

Result<Tokeniser> tokeniser_of_encoder(const std::filesystem::path& folder, const std::string& family,
                                       std::int32_t max_tokens, const std::string& preparation) {
  Result<Tokeniser> record = folder.empty() ? Tokeniser{} : tokeniser_in(folder, family);
  if (!record.ok()) return record;
  record->max_tokens = max_tokens;
  record->preparation = preparation == "plain" ? Preparation::kPlain : Preparation::kRaw;
  return record;
}

// Of MPNet both spellings of the unknown token are specials of the text, but not what BERT calls the others.
void SentenceTokeniser::add_specials(const auto& id_of) {
  for (const Role& role : kRoles)
    for (const char* name : role.names)
      if (const std::int32_t id = id_of(name); id >= 0 && (id == record_.*role.id || role.id == &Tokeniser::unk))
        specials_.push_back({name, id, name == std::string_view("<mask>")});
}

Status SentenceTokeniser::open_unigram() {
  Result<std::unique_ptr<Unigram>> pieces = Unigram::open(std::filesystem::path(record_.path) / kPieces);
  if (!pieces.ok()) return std::move(pieces).error();
  add_specials([&](const char* name) { return (*pieces)->id_of(name); });
  const std::int32_t last = (*pieces)->size() + kExtraIds - 1;
  for (std::int32_t i = 0; i < kExtraIds; ++i)
    specials_.push_back({"<extra_id_" + std::to_string(i) + ">", last - i, false});
  model_ = *std::move(pieces);
  return {};
}

Status SentenceTokeniser::open_vocabulary() {
  const Result<VocabularyFolder> read = read_vocabulary_folder(record_.path, record_.family);
  if (!read.ok()) return read.error();
  if (read->content != record_.content)
    return Error{ErrorCode::kCorruptInput, "the vocabulary in " + record_.path + " has changed since it was looked at"};
  add_specials([&](const char* name) {
    const auto found = read->tokens.find(std::string_view(name));
    return found == read->tokens.end() ? -1 : found->second;
  });
  if (record_.family == "wordpiece") {
    model_ = std::make_unique<WordPiece>(read->tokens, record_.unk, read->rules);
    return {};
  }
  Result<BytePair> model = BytePair::make(read->tokens, read->merges);
  if (!model.ok()) return std::move(model).error();
  model_ = std::make_unique<BytePair>(std::move(*model));
  return {};
}

Result<SentenceTokeniser> SentenceTokeniser::open(const Tokeniser& record) {
  SentenceTokeniser made(record);
  Status done;
  if (record.family == "words")
    made.model_ = std::make_unique<Words>(record);
  else if (record.family == "unigram")
    done = made.open_unigram();
  else if (record.family == "byte_pair" || record.family == "wordpiece")
    done = made.open_vocabulary();
  else
    done = Error{ErrorCode::kUnsupported, "no tokeniser family is called '" + record.family +
                                              "', expected words, byte_pair, wordpiece or unigram"};
  if (!done.ok()) return std::move(done).error();
  std::ranges::stable_sort(made.specials_, std::ranges::greater(), [](const Special& one) { return one.text.size(); });
  return made;
}

const SentenceTokeniser::Special* SentenceTokeniser::special_at(std::string_view text, std::size_t at) const {
  if (text[at] != '<' && text[at] != '[') return nullptr;
  for (const Special& special : specials_)
    if (text.substr(at).starts_with(special.text)) return &special;
  return nullptr;
}

Result<std::vector<std::int32_t>> SentenceTokeniser::operator()(std::string_view utf8) const {
  const Result<std::string> prepared = prepare(utf8, record_.preparation);
  if (!prepared.ok()) return prepared.error();
  const std::string_view text = *prepared;
  std::vector<std::int32_t> ids;
  if (record_.start >= 0) ids.push_back(record_.start);
  std::size_t begin = 0;
  const auto cut_until = [&](std::size_t end) {
    if (end > begin) model_->cut(text.substr(begin, end - begin), ids);
  };
  for (std::size_t at = 0; at < text.size();) {
    const Special* const special = special_at(text, at);
    if (special == nullptr) {
      ++at;
      continue;
    }
    cut_until(special->takes_blanks ? begin + without_blanks_behind(text.substr(begin, at - begin)) : at);
    ids.push_back(special->id);
    begin = at += special->text.size();
  }
  cut_until(text.size());
  const auto room = static_cast<std::size_t>(record_.max_tokens - (record_.end >= 0 ? 1 : 0));
  if (ids.size() > room) ids.resize(room);
  if (record_.end >= 0) ids.push_back(record_.end);
  // What was cut off a long sentence is not held for as long as its tokens are.
  if (ids.capacity() > static_cast<std::size_t>(record_.max_tokens)) ids.shrink_to_fit();
  return ids;
}

}  // namespace earshot::text
