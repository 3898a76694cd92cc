// Descriptions of plugins that exist nowhere: enough of a retrieval system for the graph checker, with two audio
// encoders of different sample rate and front end. Nothing here can run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/pipeline/graph/check.h"

namespace earshot::graph::fake {

class FakePlugins final : public Plugins {
 public:
  FakePlugins();
  [[nodiscard]] const PluginDescription* find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] Result<std::optional<WeightsInfo>> weights(const std::string& name,
                                                           const OptionValues& options) const override;

 private:
  template <class ContractType>
  void add(StageKind kind, const ContractType& contract);
  void add_sources();
  void add_audio();
  void add_mixing();
  void add_text();
  void add_training();

  std::map<std::string, PluginDescription, std::less<>> plugins_;
};

}  // namespace earshot::graph::fake
