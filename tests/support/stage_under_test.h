// A map or an expand with one input, created and called as the engine does. For tests that link the plugin's source.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/plugin.h"

extern "C" const earshot::PluginEntry* earshot_plugin() noexcept;

namespace earshot::testing {

using Facts = std::map<std::string, std::map<std::string, std::string>>;

class StageUnderTest {
 public:
  explicit StageUnderTest(const OptionValues& options = {}, Facts facts = {})
      : made_(make(options, std::move(facts))) {}

  static Result<std::unique_ptr<Stage>> make(const OptionValues& options, Facts facts = {}) {
    Setup setup;
    setup.stage = "stage";
    setup.facts = std::move(facts);
    return earshot_plugin()->create(options, setup);
  }

  [[nodiscard]] const Stage& stage() const { return *made_.value(); }

  // The item `item` of a training epoch, or of an evaluation.
  [[nodiscard]] static Context context(bool training, std::uint64_t item = 0) {
    Context context;
    context.seed = 1;
    context.stage = "stage";
    context.training = training;
    context.item = item;
    return context;
  }

  template <class Out, class In>
  [[nodiscard]] Result<Out> process(const In& payload, Context context) const {
    Result<Outputs> outputs = dynamic_cast<const Map&>(stage()).process(inputs(payload).view(), context);
    if (!outputs.ok()) return std::move(outputs).error();
    return dynamic_cast<const Out&>(*(*outputs)[0]);
  }
  template <class Out, class In>
  [[nodiscard]] Result<Out> process(const In& payload) const {
    return process<Out>(payload, context(false));
  }

  template <class In>
  [[nodiscard]] Result<std::vector<Child>> expand(const In& payload) const {
    Context evaluation = context(false);
    return dynamic_cast<const Expand&>(stage()).expand(inputs(payload).view(), evaluation);
  }

 private:
  struct OneInput {
    std::vector<std::string> names;
    std::vector<PayloadPtr> payloads;
    [[nodiscard]] Inputs view() const { return {names, payloads}; }
  };
  template <class In>
  static OneInput inputs(const In& payload) {
    return {{earshot_plugin()->description->inputs.at(0).name}, {std::make_shared<const In>(payload)}};
  }

  Result<std::unique_ptr<Stage>> made_;
};

}  // namespace earshot::testing
