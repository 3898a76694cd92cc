#include "earshot/nn/loading.h"

#include <algorithm>

namespace earshot::nn {
namespace {

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::string parameter_of(std::string key, const KeyRules& rules) {
  for (const std::string& prefix : rules.prefixes)
    if (key.starts_with(prefix)) {
      key.erase(0, prefix.size());
      break;
    }
  for (const auto& [official, ours] : rules.endings)
    if (key.ends_with(official)) key.replace(key.size() - official.size(), official.size(), ours);
  return key;
}

std::string listed(const std::string& what, const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  std::string text = "; " + std::to_string(keys.size()) + " " + what + ": ";
  for (std::size_t i = 0; i < keys.size(); ++i) text += (i == 0 ? "" : ", ") + keys[i];
  return text;
}

}  // namespace

Loading::Loading(WeightFiles files, const KeyRules& rules) : files_(std::move(files)), ignored_(rules.ignored) {
  for (const TensorView& tensor : files_.tensors())
    if (!tensors_.emplace(parameter_of(tensor.name, rules), &tensor).second) ambiguous_.push_back(tensor.name);
  for (const auto& [alias, name] : rules.aliases)
    if (auto found = tensors_.extract(alias); !found.empty()) tensors_.emplace(name, found.mapped());
}

bool Loading::fits(const std::string& name, std::span<const std::int64_t> shape) const {
  const auto found = tensors_.find(name);
  return found != tensors_.end() && is_floating(*found->second) && std::ranges::equal(found->second->shape, shape);
}

void Loading::take(const std::string& name, std::span<const std::int64_t> shape, std::span<float> values) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return missing_.push_back(name);
  taken_.insert(name);
  const TensorView& tensor = *found->second;
  if (!fits(name, shape)) {
    unfit_.push_back(tensor.name + " " + tensor.dtype + " " + shape_text(tensor.shape) + ", expected " +
                     shape_text(shape));
    return;
  }
  copy_values(tensor, values);
  MappedFile::release(tensor.bytes);
}

Status Loading::finish() const {
  std::vector<std::string> left;
  for (const auto& [name, tensor] : tensors_) {
    const auto begins = [&name = name](const std::string& beginning) { return name.starts_with(beginning); };
    if (!taken_.contains(name) && std::ranges::none_of(ignored_, begins)) left.push_back(tensor->name);
  }
  const std::string wrong = listed("missing", missing_) + listed("of another shape or type", unfit_) +
                            listed("left over", left) + listed("twice under one name", ambiguous_);
  if (wrong.empty()) return {};
  return Error{ErrorCode::kInvalidArgument, "the weights do not fit this network" + wrong};
}

}  // namespace earshot::nn
