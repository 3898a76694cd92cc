#include "scan.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace earshot::folder {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kSoundExtensions = {"wav", "flac", "ogg", "oga", "opus", "mp3",
                                                               "aif", "aiff", "au",  "caf", "w64",  "rf64"};

// What follows the last dot, in lower case.
std::string extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  std::string text(dot == std::string_view::npos ? "" : name.substr(dot + 1));
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

class Scanner {
 public:
  explicit Scanner(Scan& found) : found_(found) {}

  std::error_code folder(const fs::path& relative) {
    std::error_code failure;
    for (fs::directory_iterator entry(found_.root / relative, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      const fs::path name = entry->path().filename();
      if (!name.string().starts_with('.')) visit(*entry, (relative / name).generic_string());
    }
    return failure;
  }

  std::vector<std::string> take_folders() { return std::exchange(folders_, {}); }

 private:
  void visit(const fs::directory_entry& entry, std::string relative) {
    std::error_code failure;
    const bool link = entry.is_symlink(failure);
    const bool is_folder = !failure && entry.is_directory(failure);
    if (is_folder && !link) return folders_.push_back(std::move(relative));
    const std::string kind = extension(relative);
    const bool sound = std::find(kSoundExtensions.begin(), kSoundExtensions.end(), kind) != kSoundExtensions.end();
    if (is_folder) return found_.problems.add(relative + ": a link to a folder, not followed");
    if (!sound && kind != "txt") return;
    if (failure || !entry.is_regular_file(failure))
      return found_.problems.add(relative + ": " + (failure ? failure.message() : "not a file"));
    if (link && !lies_below(found_.root, entry.path()))
      return found_.problems.add(relative + ": a link that leads out of the folder");
    (sound ? found_.sounds : found_.texts).add(relative);
  }

  Scan& found_;
  std::vector<std::string> folders_;
};

}  // namespace

std::vector<std::string> Problems::sentences() const {
  std::vector<std::string> all = sentences_;
  if (count_ > all.size()) all.push_back("and " + std::to_string(count_ - all.size()) + " more like these");
  return all;
}

bool lies_below(const fs::path& root, const fs::path& path) {
  std::error_code failure;
  const fs::path real = fs::canonical(path, failure);
  return !failure && std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

Result<Scan> scan(const fs::path& folder) {
  Scan found;
  std::error_code failure;
  found.root = fs::canonical(folder, failure);
  if (failure)
    return Error{ErrorCode::kNotFound, folder.string() + ": " + failure.message() + "; a folder was expected"};
  Scanner scanner(found);
  if (failure = scanner.folder(""); failure)
    return Error{ErrorCode::kIo, folder.string() + ": " + failure.message() + "; a folder was expected"};
  for (std::vector<std::string> folders = scanner.take_folders(); !folders.empty();) {
    const std::string next = std::move(folders.back());
    folders.pop_back();
    if (failure = scanner.folder(next); failure) found.problems.add(next + ": " + failure.message());
    for (std::string& below : scanner.take_folders()) folders.push_back(std::move(below));
  }
  found.sounds = found.sounds.sorted();
  found.texts = found.texts.sorted();
  return found;
}

}  // namespace earshot::folder
