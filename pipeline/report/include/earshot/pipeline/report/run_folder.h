// RunFolder: what a run leaves behind. Text files that grow line by line, and whole files replaced by rename.
//
// metrics.jsonl   one object a line, nothing in it depends on time
// timing.jsonl    how long things took
// items.jsonl     every item that was not done, and why
// graph.toml      the resolved graph; versions.json, what made it
//
// Invariants: a growing file is flushed to disk before a checkpoint records its length; resuming cuts it to that
// length. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "earshot/contract/result.h"

namespace earshot::report {

class RunFolder {
 public:
  // Makes the folder. Errors: kIo; kInvalidArgument when it holds another run's files and `resume` is false.
  static Result<RunFolder> open(const std::filesystem::path& folder, bool resume);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  Status append_line(const std::string& file, const nlohmann::ordered_json& line);
  // Replaces `file` whole: temporary file, sync, rename.
  Status replace(const std::string& file, std::span<const std::byte> bytes);
  Status replace(const std::string& file, std::string_view text);
  // Lengths of all growing files, synced to disk.
  Result<std::map<std::string, std::int64_t>> sync_lengths();
  // Cuts growing files to these lengths; files that are not named become empty.
  Status cut(const std::map<std::string, std::int64_t>& lengths);

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// A name for a run in `runs/`: title in lower case with dashes, and the time.
std::string run_name(std::string_view title);

}  // namespace earshot::report
