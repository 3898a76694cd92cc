// RunFolder: what a run leaves behind. Text files that grow line by line, and whole files replaced by rename.
//
// metrics.jsonl   one object a line, nothing in it depends on time
// items.jsonl     every item that was not done, and why
// timing.jsonl    how long things took, what was done twice included: no checkpoint knows of it
// graph.toml      the resolved graph; versions.json, what made it
//
// Invariants: metrics.jsonl and items.jsonl are flushed to disk before a checkpoint records their lengths; resuming
// cuts them to those. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "earshot/contract/byte_sink.h"
#include "earshot/contract/result.h"

namespace earshot::report {

class RunFolder {
 public:
  // Makes the folder. Errors: kIo; kInvalidArgument when it holds another run's files and `resume` is false.
  static Result<RunFolder> open(const std::filesystem::path& folder, bool resume);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  Status append_line(const std::string& file, const nlohmann::ordered_json& line);
  // Replaces `file` whole: temporary file, sync, rename. The first lets `fill` write it piece by piece; its error is
  // the error, and leaves the file as it was.
  Status replace(const std::string& file, const std::function<Status(const ByteSink&)>& fill);
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
