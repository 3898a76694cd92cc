// WeightFiles: the tensors of one or several safetensors files, read where they lie. Files are mapped into memory, so
// that opening costs neither time nor memory in proportion to their size; no LibTorch.
//
// Invariants: names are unique over all files; every TensorView points into a mapping that lives as long as this.
// Files must stay as they are (mapped_file.h).
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "earshot/contract/mapped_file.h"
#include "earshot/contract/result.h"
#include "earshot/nn/safetensors.h"

namespace earshot::nn {

class WeightFiles {
 public:
  // Errors: kNotFound, kIo; those of list_safetensors() and kCorruptInput for a name in two files, with the file's
  // path.
  static Result<WeightFiles> open(std::span<const std::filesystem::path> files);

  // By name. Safe from any thread.
  [[nodiscard]] std::span<const TensorView> tensors() const noexcept { return tensors_; }
  // Null where there is none of that name.
  [[nodiscard]] const TensorView* find(std::string_view name) const;

 private:
  WeightFiles() = default;

  std::vector<std::shared_ptr<const MappedFile>> mappings_;
  std::vector<TensorView> tensors_;
};

}  // namespace earshot::nn
