// A batch map, created and called as the engine does. For tests that link the plugin's source.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot::testing {

using RowsByPort = std::map<std::string, std::vector<Row>>;

// The embedding of `values` under `id`, of clip `related`.
inline Row embedding_row(std::string id, std::vector<float> values, std::string related = {}) {
  return {std::move(id), std::move(related), std::make_shared<const PlainEmbedding>(std::move(values))};
}

inline std::vector<float> values_of_row(const Row& row) {
  const std::span<const float> values = static_cast<const Embedding&>(*row.payload).values();
  return {values.begin(), values.end()};
}

// One thread, seed 1, trainable.
inline Setup trainable(std::map<std::string, std::map<std::string, std::string>> facts = {}) {
  Setup setup;
  setup.stage = "stage";
  setup.seed = 1;
  setup.trainable = true;
  setup.facts = std::move(facts);
  return setup;
}

class BatchStage {
 public:
  explicit BatchStage(const OptionValues& options = {}, const Setup& setup = trainable())
      : made_(make(options, setup)) {}

  static Result<std::unique_ptr<Stage>> make(const OptionValues& options, const Setup& setup) {
    return earshot_plugin()->create(options, setup);
  }

  [[nodiscard]] Stage& stage() { return *made_.value(); }

  // Batch `batch` of a training epoch, or of an evaluation.
  Result<BatchOutputs> process(const RowsByPort& rows, bool training, std::uint64_t batch = 0) {
    std::vector<std::string> names;
    std::vector<std::vector<Row>> ports;
    for (const PortDescription& port : earshot_plugin()->description->inputs) {
      const auto found = rows.find(port.name);
      names.push_back(port.name);
      ports.push_back(found == rows.end() ? std::vector<Row>{} : found->second);
    }
    Context context{.seed = 1, .training = training, .item = batch, .stage = "stage"};
    return dynamic_cast<BatchMap&>(stage()).process(BatchInputs(names, ports), context);
  }

 private:
  Result<std::unique_ptr<Stage>> made_;
};

}  // namespace earshot::testing
