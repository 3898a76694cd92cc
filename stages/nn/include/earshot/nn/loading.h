// Loading: gives a network, while it is being built, the tensors of weight files under their official names, and keeps
// account of all that does not fit. No LibTorch.
//
//     Loading loading(std::move(files), {.prefixes = {"bert."}, .ignored = {"cls."}});
//     Weights weights(setup, &loading);      // every parameter is taken from the files
//     ...
//     if (Status all = loading.finish(); !all.ok()) ...
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/nn/weight_files.h"

namespace earshot::nn {

// How the keys of official files become the names of parameters. Applied in this order.
struct KeyRules {
  std::vector<std::string> prefixes;                         // taken off, the first that a key has
  std::vector<std::pair<std::string, std::string>> endings;  // {"LayerNorm.gamma", "LayerNorm.weight"}
  std::vector<std::string> ignored;  // beginnings of keys that no parameter needs, prefix taken off: "cls."
  std::vector<std::pair<std::string, std::string>> aliases =
      {};  // {"embed_tokens.weight", "shared.weight"}: one tensor
           // under two names, of which a file may have either
};

class Loading {
 public:
  Loading(WeightFiles files, const KeyRules& rules);

  [[nodiscard]] bool has(const std::string& name) const { return tensors_.contains(name); }
  // Whether take() will find values for `name`: a tensor of that shape, of floating-point numbers. Says nothing to
  // finish(); memory for a parameter is only taken where this is true.
  [[nodiscard]] bool fits(const std::string& name, std::span<const std::int64_t> shape) const;
  // Copies the tensor called `name` into `values`, as float32. Where there is none, or one of another shape or of whole
  // numbers, it is noted for finish() and `values` are left alone. Precondition: as many values as the shape needs,
  // where fits().
  void take(const std::string& name, std::span<const std::int64_t> shape, std::span<float> values);
  // Errors: kInvalidArgument listing every key that was missing, of the wrong shape or type, or is left over.
  [[nodiscard]] Status finish() const;

 private:
  WeightFiles files_;
  std::vector<std::string> ignored_;
  std::map<std::string, const TensorView*, std::less<>> tensors_;  // by name of the parameter
  std::vector<std::string> ambiguous_;                             // keys that became a name that another has
  std::set<std::string, std::less<>> taken_;
  std::vector<std::string> missing_;
  std::vector<std::string> unfit_;  // "KEY: [2, 3], expected [3, 2]"
};

}  // namespace earshot::nn
