// Container: the file format of checkpoints and saved weights. "EARSHOT-STATE-2\n", the blobs one behind another, a
// JSON header (meta data, and the name and size of every blob), its length as eight bytes, XXH3-64 of all before it.
// Written piece by piece and read where it lies, so that a file of gigabytes takes no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "earshot/contract/byte_sink.h"
#include "earshot/contract/mapped_file.h"
#include "earshot/contract/result.h"

namespace earshot::run {

class ContainerWriter {
 public:
  // `file` outlives the writer. Errors of all calls: those of `file` and of what fills a blob.
  explicit ContainerWriter(const ByteSink& file);
  ContainerWriter(const ContainerWriter&) = delete;
  ContainerWriter& operator=(const ContainerWriter&) = delete;
  ~ContainerWriter();

  // A blob into which nothing is put is left out.
  Status blob(const std::string& name, const std::function<Status(const ByteSink&)>& fill);
  // Once, behind the last blob.
  Status finish(const nlohmann::json& meta);

 private:
  class Sum;
  Status put(std::span<const std::byte> bytes);

  const ByteSink& file_;
  std::unique_ptr<Sum> sum_;
  Status begun_;
  std::uint64_t written_ = 0;
  nlohmann::json blobs_ = nlohmann::json::array();
};

struct Container {
  nlohmann::json meta;
  std::vector<std::pair<std::string, std::span<const std::byte>>> blobs;  // in `file`
  std::shared_ptr<const MappedFile> file;
};

// Errors: those of MappedFile::open(); kCorruptInput where it is cut off, changed, or no such file.
Result<Container> read_container(const std::filesystem::path& file);

}  // namespace earshot::run
