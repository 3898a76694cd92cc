#include "earshot/nn/weight_files.h"

#include <algorithm>
#include <utility>

namespace earshot::nn {

Result<WeightFiles> WeightFiles::open(std::span<const std::filesystem::path> files) {
  WeightFiles opened;
  for (const std::filesystem::path& file : files) {
    Result<std::shared_ptr<const MappedFile>> mapping = MappedFile::open(file);
    if (!mapping.ok()) return std::move(mapping).error();
    Result<std::vector<TensorView>> tensors = list_safetensors((*mapping)->bytes());
    if (!tensors.ok()) return Error{tensors.error().code, file.string() + ": " + tensors.error().message};
    std::ranges::move(*tensors, std::back_inserter(opened.tensors_));
    opened.mappings_.push_back(*std::move(mapping));
  }
  std::ranges::sort(opened.tensors_, {}, &TensorView::name);
  const auto twice = std::ranges::adjacent_find(opened.tensors_, {}, &TensorView::name);
  if (twice != opened.tensors_.end())
    return Error{ErrorCode::kCorruptInput,
                 files.back().string() + " and a file beside it both hold '" + twice->name + "'"};
  return opened;
}

const TensorView* WeightFiles::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorView::name);
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace earshot::nn
