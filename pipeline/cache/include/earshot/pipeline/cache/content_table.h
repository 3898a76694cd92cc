// ContentTable: content ids of files, so that a file is hashed once. What is known of a file holds as long as its path
// below the source's folder, its size, its time and its inode stay: a folder may be moved, a changed file is read anew.
//
// A text that grows: a line a file, "CHECK ID SIZE TIME INODE PATH", CHECK the XXH3-64 of what follows it, TIME the
// last change of the content in ns. Lines that do not fit their check (cut off, damaged) are passed over. The same
// format without inodes (0) is kSumsFile beside the data, which travels with it: there path, size and time must fit.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "earshot/contract/content_id.h"
#include "earshot/contract/result.h"

namespace earshot::cache {

// Beside a store: what it knows of files.
inline constexpr std::string_view kTableFile = "content-ids";
inline constexpr std::string_view kSumsFile = ".earshot-sums";

enum class Hashing : std::uint8_t {
  kOnce,   // what is not known is read, and known from then on
  kAnew,   // every file is read, whatever is known of it
  kNever,  // what is not known is kNotFound: nothing is read
};

class ContentTable final : public ContentIds {
 public:
  // `others`: tables that are read as well. Errors: kIo where a file is there and cannot be read. A table that cannot
  // be written works, and forgets.
  static Result<std::unique_ptr<ContentTable>> open(std::filesystem::path file, Hashing hashing,
                                                    std::span<const std::filesystem::path> others = {});
  ~ContentTable() override;

  [[nodiscard]] Result<std::string> of_file(const std::filesystem::path& root,
                                            const std::filesystem::path& relative) const override;
  // Of the files that were asked for so far: their size, and how many are known in another state only.
  struct Asked {
    std::int64_t bytes = 0;
    std::int64_t changed = 0;
  };
  [[nodiscard]] Asked asked() const;
  // Bytes that were read to be hashed, and how long that took.
  [[nodiscard]] std::int64_t bytes_read() const;
  [[nodiscard]] double seconds_reading() const;

 private:
  struct Tables;
  explicit ContentTable(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

// Adds what the table of one store's folder knows to that of another one. A hint: failures are passed over.
void add_table(const std::filesystem::path& from, const std::filesystem::path& into);

struct Sums {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

// Hashes every file below `folder`, hidden ones left out, and writes kSumsFile into it, by path.
// Errors: kNotFound, kIo.
Result<Sums> write_sums(const std::filesystem::path& folder);

}  // namespace earshot::cache
