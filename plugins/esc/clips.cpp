#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "classes_data.h"
#include "earshot/text/csv.h"
#include "esc.h"

namespace earshot::esc {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLongestTable = 64 << 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() && value > 0 ? std::optional(value) : std::nullopt;
}

// The fold in front of a file name: 1-100032-A.ogg is of fold 1.
std::optional<std::int64_t> fold_of(std::string_view name) { return number(name.substr(0, name.find('-'))); }

bool is_sound(const fs::path& file) {
  const std::string kind = file.extension().string();
  return kind == ".ogg" || kind == ".wav" || kind == ".flac" || kind == ".mp3";
}

Error wrong(const fs::path& where, const std::string& what) {
  return {ErrorCode::kCorruptInput, where.string() + ": " + what};
}

Result<std::vector<Clip>> from_folders(const fs::path& root) {
  std::vector<Clip> clips;
  std::error_code failure;
  for (fs::directory_iterator folder(root, failure), end; !failure && folder != end; folder.increment(failure)) {
    const std::string category = folder->path().filename().string();
    if (category.starts_with('.') || !folder->is_directory(failure)) continue;
    for (fs::directory_iterator file(folder->path(), failure); !failure && file != end; file.increment(failure)) {
      const std::string name = file->path().filename().string();
      if (name.starts_with('.') || !is_sound(file->path())) continue;
      const auto fold = fold_of(name);
      if (!fold) return wrong(file->path(), "a fold was expected in front of the name, as in 1-100032-A.ogg");
      clips.push_back(
          {.file = (fs::path(category) / name).generic_string(), .category = plain_class(category), .fold = *fold});
    }
  }
  if (failure) return Error{ErrorCode::kNotFound, root.string() + ": " + failure.message()};
  return clips;
}

// The columns of the table by name.
std::optional<std::size_t> column(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional<std::size_t>(found - header.begin());
}

Result<std::vector<Clip>> from_table(const fs::path& table) {
  std::error_code failure;
  if (fs::file_size(table, failure) > kLongestTable || failure)
    return wrong(table, "larger than 64 MiB, or unreadable");
  std::ifstream stream(table, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  text::CsvReader reader(text);
  std::vector<std::string> fields;
  Result<bool> more = reader.next(fields);
  if (!more.ok()) return wrong(table, more.error().message);
  const auto filename = column(fields, "filename");
  const auto fold = column(fields, "fold");
  const auto category = column(fields, "category");
  if (!filename || !fold || !category) return wrong(table, "the columns filename, fold and category were expected");

  std::vector<Clip> clips;
  const std::size_t columns = fields.size();
  for (;;) {
    more = reader.next(fields);
    if (!more.ok()) return wrong(table, more.error().message);
    if (!*more) return clips;
    const auto wrong_line = [&](const std::string& what) {
      return wrong(table, "line " + std::to_string(reader.line()) + ": " + what);
    };
    if (fields.size() != columns) return wrong_line(std::to_string(columns) + " fields were expected");
    const std::string& name = fields[*filename];
    if (name.empty() || name == ".." || name.find('/') != std::string::npos)
      return wrong_line("\"" + name + "\" is no name of a file in audio/");
    const auto value = number(fields[*fold]);
    if (!value) return wrong_line("a fold from 1 on was expected, not \"" + fields[*fold] + "\"");
    clips.push_back({.file = "audio/" + name, .category = plain_class(fields[*category]), .fold = *value});
  }
}

// data/esc/classes.csv.
const std::map<std::string, std::string, std::less<>>& sentences() {
  static const auto kSentences = [] {
    std::map<std::string, std::string, std::less<>> table;
    text::CsvReader reader(kClasses);
    std::vector<std::string> fields;
    while (reader.next(fields).value())
      if (fields.size() == 2) table.emplace(fields[0], fields[1]);
    return table;
  }();
  return kSentences;
}

}  // namespace

std::string plain_class(std::string_view name) {
  if (const std::size_t dash = name.find(" - ");
      dash != std::string_view::npos &&
      std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dash), is_digit))
    name.remove_prefix(dash + 3);
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      plain += static_cast<char>(c - 'A' + 'a');
    else if (c != '_' && c != ' ' && c != '-')
      plain += c;
    else if (!plain.empty() && plain.back() != ' ')
      plain += ' ';
  }
  if (plain.ends_with(' ')) plain.pop_back();
  return plain;
}

std::string sentence_of(std::string_view category) {
  const auto found = sentences().find(category);
  return found != sentences().end() ? found->second : "the sound of " + std::string(category) + " is heard";
}

Result<std::vector<Clip>> read_clips(const fs::path& root) {
  std::error_code ignored;
  const fs::path table = root / "meta" / "esc50.csv";
  Result<std::vector<Clip>> clips = fs::exists(table, ignored) ? from_table(table) : from_folders(root);
  if (!clips.ok()) return clips;
  if (clips->empty())
    return Error{ErrorCode::kNotFound,
                 root.string() + ": neither meta/esc50.csv nor folders of classes with sound files"};
  std::sort(clips->begin(), clips->end(), [](const Clip& a, const Clip& b) { return a.file < b.file; });
  return clips;
}

}  // namespace earshot::esc
