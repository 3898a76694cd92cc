#include "vocabulary_folder.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "earshot/contract/content_id.h"

namespace earshot::text {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kLargestFile = 64 << 20;
constexpr std::int64_t kLargestId = 1 << 24;

// Files of one folder; keeps what it read for the content id.
class Reader {
 public:
  explicit Reader(const fs::path& folder) : folder_(folder) {}

  // Nothing where there is no such file.
  Result<std::optional<std::string>> text(const char* name) {
    const fs::path path = folder_ / name;
    std::error_code failure;
    const std::uintmax_t size = fs::file_size(path, failure);
    if (failure) return std::optional<std::string>();
    if (size > kLargestFile)
      return Error{ErrorCode::kTooLarge, path.string() + " has " + std::to_string(size) + " bytes, at most " +
                                             std::to_string(kLargestFile) + " are read"};
    std::ifstream stream(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    read_ += content_id(bytes);
    return std::optional<std::string>(std::move(bytes));
  }
  // The same as JSON; null where there is no such file. Errors: also kCorruptInput.
  Result<Json> json(const char* name) {
    Result<std::optional<std::string>> bytes = text(name);
    if (!bytes.ok()) return std::move(bytes).error();
    if (!bytes->has_value()) return Json();
    Json parsed = Json::parse(**bytes, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) return wrong(name, "is no JSON object");
    return parsed;
  }
  [[nodiscard]] Error wrong(const char* name, const std::string& what) const {
    return {ErrorCode::kCorruptInput, (folder_ / name).string() + " " + what};
  }
  [[nodiscard]] Error absent(const std::string& names) const {
    return {ErrorCode::kNotFound, "the folder " + folder_.string() + " has no vocabulary: expected " + names};
  }
  [[nodiscard]] std::string content() const { return content_id(read_); }

 private:
  fs::path folder_;
  std::string read_;
};

// {token: id}; false where it is none.
bool read_tokens(const Json& json, Vocabulary& tokens) {
  if (!json.is_object()) return false;
  for (const auto& [token, id] : json.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kLargestId) return false;
    tokens.emplace(token, id.get<std::int32_t>());
  }
  return !tokens.empty();
}

bool add_merge(const std::string& line, VocabularyFolder& read) {
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) return false;
  read.merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  return true;
}

// ["a b", ...] or [["a", "b"], ...].
bool read_merges(const Json& json, VocabularyFolder& read) {
  if (!json.is_array()) return false;
  for (const Json& merge : json) {
    if (merge.is_string() && add_merge(merge.get<std::string>(), read)) continue;
    if (!merge.is_array() || merge.size() != 2 || !merge[0].is_string() || !merge[1].is_string()) return false;
    read.merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
  }
  return true;
}

// Lines are ranks; the first says the version of the format.
Status read_merges_file(Reader& reader, VocabularyFolder& read) {
  const Result<std::optional<std::string>> text = reader.text("merges.txt");
  if (!text.ok()) return text.error();
  if (!text->has_value()) return reader.absent("merges.txt beside vocab.json");
  std::istringstream lines(**text);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && !line.starts_with("#version") && !add_merge(line, read))
      return reader.wrong("merges.txt", "has the line '" + line + "', expected two tokens");
  return {};
}

Status read_tokenizer_json(Reader& reader, const std::string& family, const std::string& expected,
                           VocabularyFolder& read) {
  const Result<Json> json = reader.json("tokenizer.json");
  if (!json.ok()) return json.error();
  if (json->is_null()) return reader.absent(expected);
  const Json model = json->value("model", Json::object());
  if (!model.is_object() || !read_tokens(model.value("vocab", Json()), read.tokens) ||
      (family == "byte_pair" && !read_merges(model.value("merges", Json()), read)))
    return reader.wrong("tokenizer.json", "has no model of family " + family);
  for (const Json& added : json->value("added_tokens", Json::array()))
    if (added.is_object() && added.contains("content") && added["content"].is_string() && added.contains("id") &&
        added["id"].is_number_unsigned() && added["id"].get<std::uint64_t>() < kLargestId)
      read.tokens.emplace(added["content"].get<std::string>(), added["id"].get<std::int32_t>());
  return {};
}

Status read_byte_pair(Reader& reader, VocabularyFolder& read) {
  const Result<Json> tokens = reader.json("vocab.json");
  if (!tokens.ok()) return tokens.error();
  if (tokens->is_null())
    return read_tokenizer_json(reader, "byte_pair", "vocab.json and merges.txt, or tokenizer.json", read);
  if (!read_tokens(*tokens, read.tokens)) return reader.wrong("vocab.json", "is no {token: id}");
  return read_merges_file(reader, read);
}

Status read_wordpiece(Reader& reader, VocabularyFolder& read) {
  const Result<std::optional<std::string>> text = reader.text("vocab.txt");
  if (!text.ok()) return text.error();
  if (!text->has_value()) return read_tokenizer_json(reader, "wordpiece", "vocab.txt or tokenizer.json", read);
  std::istringstream lines(**text);
  std::int32_t id = 0;
  for (std::string line; std::getline(lines, line); ++id) {
    if (line.ends_with('\r')) line.pop_back();
    read.tokens[line] = id;
  }
  return {};
}

// What tokenizer_config.json calls the rules; accents follow the case where it does not say.
Status read_rules(Reader& reader, VocabularyFolder& read) {
  const Result<Json> config = reader.json("tokenizer_config.json");
  if (!config.ok()) return config.error();
  const auto flag = [&](const char* name, bool otherwise) {
    if (config->is_null() || !config->contains(name) || !(*config)[name].is_boolean()) return otherwise;
    return (*config)[name].get<bool>();
  };
  read.rules.lower_case = flag("do_lower_case", true);
  read.rules.strip_accents = flag("strip_accents", read.rules.lower_case);
  read.rules.split_ideographs = flag("tokenize_chinese_chars", true);
  return {};
}

}  // namespace

Result<VocabularyFolder> read_vocabulary_folder(const fs::path& folder, const std::string& family) {
  Reader reader(folder);
  VocabularyFolder read;
  Status done = family == "byte_pair" ? read_byte_pair(reader, read) : read_wordpiece(reader, read);
  if (done.ok() && family == "wordpiece") done = read_rules(reader, read);
  if (!done.ok()) return std::move(done).error();
  read.content = reader.content();
  return read;
}

}  // namespace earshot::text
