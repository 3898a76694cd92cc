// Content ids: what a cache knows data by. 32 hexadecimal digits of XXH3-128, the same on every machine.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "earshot/contract/result.h"

namespace earshot {

// Of a text, or of any bytes.
std::string content_id(std::string_view bytes);

// Of the bytes of a file, read once from start to end in pieces of 1 MiB.
// Errors: kNotFound, kIo.
Result<std::string> content_id_of_file(const std::filesystem::path& path);

// Content ids of files that need not be read again. Safe from any thread.
class ContentIds {
 public:
  ContentIds() = default;
  ContentIds(const ContentIds&) = delete;
  ContentIds& operator=(const ContentIds&) = delete;
  virtual ~ContentIds();
  // Of the file `relative` to the folder `root`. Errors: those of content_id_of_file().
  [[nodiscard]] virtual Result<std::string> of_file(const std::filesystem::path& root,
                                                    const std::filesystem::path& relative) const = 0;
};

// The same, read anew where `remembered` is null.
Result<std::string> content_id_of_file(const ContentIds* remembered, const std::filesystem::path& root,
                                       const std::filesystem::path& relative);

}  // namespace earshot
