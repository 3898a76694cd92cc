// Moments: what Adam remembers of each parameter, and the update that uses it.
//
// Invariants: after bind(), names_, means_ and squares_ are parallel, one entry for each trained parameter in the order
// of the groups; steps_ counts the updates that they have seen. Compute lane only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/stage.h"
#include "earshot/nn/safetensors.h"
#include "groups.h"

namespace earshot::adam {

// One update of a group.
struct Update {
  double rate = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool decoupled = false;     // weight decay acts on the parameter, not on its gradient
  double gradient_scale = 1;  // by which gradients are multiplied first
};

class Moments final : public State {
 public:
  // The groups whose parameters are updated from now on. Takes over what was loaded before, else starts at 0.
  // Errors: as load().
  Status bind(std::vector<Group> groups);
  [[nodiscard]] std::span<const Group> groups() const noexcept { return groups_; }

  void count_step() noexcept { ++steps_; }
  // Updates group `index`; parameters without a gradient stay as they are.
  void update(std::size_t index, const Update& update);

  // safetensors: "NAME.mean", "NAME.square" and "steps"; nothing for Scope::kWeights, of which an optimiser has none.
  // Errors: kCorruptInput for bytes that are none, kInvalidArgument where they are not those of the bound parameters.
  [[nodiscard]] Status save(Scope scope, const ByteSink& sink) const override;
  Status load(std::span<const std::byte> bytes, Scope scope) override;
  Status load_mean(std::span<const std::span<const std::byte>> saved) override;
  [[nodiscard]] std::string first_non_finite() const override;

 private:
  [[nodiscard]] std::vector<nn::NamedTensor> everything() const;
  Status take(std::span<const std::byte> bytes);

  bool bound_ = false;
  std::vector<Group> groups_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> means_;    // m
  std::vector<at::Tensor> squares_;  // v
  std::vector<std::byte> loaded_;    // before bind()
  std::int64_t steps_ = 0;
};

}  // namespace earshot::adam
