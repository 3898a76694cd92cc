#include "captions.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "earshot/text/csv.h"

namespace earshot::folder {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLongestText = 1 << 20;  // of one NAME.txt
constexpr std::int64_t kLongestCsv = std::int64_t{1} << 30;

// The bytes of a file of at most `limit` bytes.
std::optional<std::string> read_file(const fs::path& path, std::int64_t limit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text;
  for (char piece[65536]; file.read(piece, sizeof piece), file.gcount() > 0;) {
    text.append(piece, static_cast<std::size_t>(file.gcount()));
    if (static_cast<std::int64_t>(text.size()) > limit) return std::nullopt;
  }
  if (file.bad()) return std::nullopt;
  return text;
}

// Which columns of a CSV are what.
struct Columns {
  std::size_t count = 0;
  std::size_t name = 0;
  std::vector<std::size_t> captions;
};

std::optional<Columns> columns_of(const std::vector<std::string>& header) {
  Columns columns{.count = header.size()};
  const auto name = std::find(header.begin(), header.end(), "file_name");
  if (name == header.end()) return std::nullopt;
  columns.name = static_cast<std::size_t>(name - header.begin());
  for (std::size_t i = 0; i < header.size(); ++i)
    if (header[i] == "caption" || header[i].starts_with("caption_")) columns.captions.push_back(i);
  return columns.captions.empty() ? std::nullopt : std::optional(columns);
}

// The place of the sound file that a row names; nothing where there is none. Errors: a name that leads out.
Result<std::optional<std::size_t>> place_of(const std::string& name, const Scan& scan) {
  if (const auto place = scan.sounds.find(name)) return place;
  const fs::path path = fs::path(name).lexically_normal();
  const bool climbs = path.is_absolute() || (!path.empty() && *path.begin() == "..");
  std::error_code ignored;
  const fs::path full = scan.root / path;
  if (climbs || (fs::exists(full, ignored) && !lies_below(scan.root, full)))
    return Error{ErrorCode::kInvalidArgument, "\"" + name + "\" leads out of the folder"};
  return scan.sounds.find(path.string());
}

// Captions in the order in which they were met, to be grouped by recording.
class Collected {
 public:
  void add(std::size_t recording, std::string_view text) {
    recordings_.push_back(static_cast<std::uint32_t>(recording));
    texts_.add(text);
  }
  Captions grouped(Problems problems) const {
    std::vector<std::size_t> order(recordings_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return recordings_[a] < recordings_[b]; });
    Captions captions{.problems = std::move(problems)};
    for (const std::size_t i : order) {
      captions.texts.add(texts_[i]);
      captions.recording.push_back(recordings_[i]);
    }
    return captions;
  }

 private:
  NameTable texts_;
  std::vector<std::uint32_t> recordings_;
};

// Each non-empty line of `text`, without its end.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) take(line);
  }
}

}  // namespace

Result<Captions> captions_from_csv(const fs::path& csv, const Scan& scan) {
  const std::optional<std::string> text = read_file(csv, kLongestCsv);
  if (!text) return Error{ErrorCode::kNotFound, csv.string() + ": cannot be read, or is larger than 1 GiB"};
  const auto at = [&](std::int64_t line) { return csv.string() + ":" + std::to_string(line) + ": "; };

  text::CsvReader reader(*text);
  std::vector<std::string> fields;
  std::optional<Columns> columns;
  Collected collected;
  Problems problems;
  for (;;) {
    const Result<bool> more = reader.next(fields);
    if (!more.ok()) return Error{more.error().code, csv.string() + ": " + more.error().message};
    if (!*more) break;
    if (!columns) {
      if (!(columns = columns_of(fields)))
        return Error{ErrorCode::kCorruptInput, at(reader.line()) +
                                                   "a header with file_name, and caption or caption_1, "
                                                   "caption_2... was expected"};
      continue;
    }
    if (fields.size() != columns->count)
      return Error{ErrorCode::kCorruptInput, at(reader.line()) + std::to_string(fields.size()) + " fields where the " +
                                                 "header has " + std::to_string(columns->count)};
    const auto place = place_of(fields[columns->name], scan);
    if (!place.ok()) return Error{place.error().code, at(reader.line()) + place.error().message};
    if (!*place) {
      problems.add(at(reader.line()) + "no sound file \"" + fields[columns->name] + "\"");
      continue;
    }
    for (const std::size_t column : columns->captions)
      if (!fields[column].empty()) collected.add(**place, fields[column]);
  }
  if (!columns) return Error{ErrorCode::kCorruptInput, csv.string() + ": empty"};
  return collected.grouped(std::move(problems));
}

Captions captions_beside(const Scan& scan) {
  Collected collected;
  Problems problems;
  for (std::size_t i = 0; i < scan.sounds.size(); ++i) {
    const std::string_view sound = scan.sounds[i];
    const std::string name = std::string(sound.substr(0, sound.rfind('.'))) + ".txt";
    if (!scan.texts.find(name)) continue;
    const std::optional<std::string> text = read_file(scan.root / name, kLongestText);
    if (!text) {
      problems.add(name + ": cannot be read, or is larger than 1 MiB");
      continue;
    }
    for_each_line(*text, [&](std::string_view line) { collected.add(i, line); });
  }
  return collected.grouped(std::move(problems));
}

}  // namespace earshot::folder
