// Subject: one plugin as the suite uses it: options that can start, facts of all ports, calls whose results are texts
// that can be compared ("bits"): everything that came out, sample by sample, or the error.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "earshot/contract/plugin.h"
#include "earshot/pipeline/plugins/catalogue.h"
#include "payloads.h"

namespace earshot::conformance {

// Every plugin of the build, scanned once.
const plugins::Catalogue& catalogue();
// Names of the plugins of these kinds, sorted.
std::vector<std::string> plugins_of(std::span<const StageKind> kinds);

class Subject {
 public:
  explicit Subject(const std::string& name);

  [[nodiscard]] const PluginDescription& description() const { return *description_; }
  // Of the outputs, in their order.
  [[nodiscard]] const std::vector<PayloadReader>& readers() const { return *entry_->readers; }
  // An instance with the suite's options: the defaults, and what is required.
  [[nodiscard]] Result<std::unique_ptr<Stage>> create(bool trainable = false) const;
  // The same, or a test failure and null.
  [[nodiscard]] std::unique_ptr<Stage> start(bool trainable = false) const;

  [[nodiscard]] const PortFacts& facts(const PortDescription& input) const { return input_facts_.at(input.name); }
  // A payload for an input; null where the suite knows none.
  [[nodiscard]] PayloadPtr payload(const PortDescription& input, Shape shape, std::uint64_t seed) const {
    return make_payload(input.kind, facts(input), shape, seed);
  }
  [[nodiscard]] Context context(std::uint64_t item, bool training) const;

 private:
  void resolve_facts();

  const PluginDescription* description_;
  const PluginEntry* entry_;
  OptionValues options_;
  std::map<std::string, PortFacts> input_facts_;
  std::map<std::string, PortFacts> output_facts_;
};

// Kind, shape, facts and a hash of all bytes; of a recording also of its first second.
std::string bits(const Payload& payload);
std::string bits(const Error& error);
std::string bits(const std::vector<Row>& rows);

// What is wrong with outputs as the description has them: count, kinds, null. Empty when nothing is.
std::string breach(const Outputs& outputs, std::span<const PortDescription> ports);

}  // namespace earshot::conformance
