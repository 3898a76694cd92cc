// Which sound files a folder holds.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "name_table.h"

namespace earshot::folder {

// What could not be used, for the report: the first few by name, all of them by number.
class Problems {
 public:
  static constexpr std::size_t kNamed = 20;
  void add(std::string sentence) {
    if (sentences_.size() < kNamed) sentences_.push_back(std::move(sentence));
    ++count_;
  }
  // At most kNamed sentences, and one that says how many more there are.
  [[nodiscard]] std::vector<std::string> sentences() const;

 private:
  std::vector<std::string> sentences_;
  std::size_t count_ = 0;
};

struct Scan {
  std::filesystem::path root;  // without links
  NameTable sounds;            // paths relative to the root, bytewise ascending
  NameTable texts;             // the same for files that end in .txt
  Problems problems;
};

// Goes through `folder` and all folders in it. Opens no file; hidden names (a dot in front) are passed over. Links to
// folders are not followed, links to files count where they stay below the root.
// Errors: kNotFound, kIo where the folder itself cannot be read. What is unreadable below it is listed.
Result<Scan> scan(const std::filesystem::path& folder);

// True when the existing file `path` lies below `root` once all links are resolved. Precondition: root has no links.
bool lies_below(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace earshot::folder
