// Description: everything that a plugin says of itself before it is used. Both sides share it: `Contract` builds it in
// the plugin, the engine checks graphs against it, prints help from it and keys caches by it. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "earshot/contract/values.h"

namespace earshot {

enum class OptionType : std::uint8_t { kBool, kInt, kDouble, kString, kChoice, kFile };

struct OptionDescription {
  std::string name;
  OptionType type = OptionType::kString;
  bool list = false;           // a list of these
  bool may_be_auto = false;    // "auto": resolved from facts or by the stage
  bool required = false;       // no default: the graph must give it
  bool affects_output = true;  // false: not part of a cache key
  std::string unit;            // canonical unit of a bare number: "Hz", "s", "dB", "B"; empty = dimensionless
  std::optional<double> min;   // inclusive
  std::optional<double> max;   // inclusive
  std::vector<std::string> choices;
  OptionValue default_value;  // meaningless when required
  std::string sentence;
};

// How a fact of a port comes about.
enum class FactRuleKind : std::uint8_t {
  kFree,      // a variable: decided by whatever the port is wired to, else by `text` as declared default if not empty
  kConstant,  // `text`
  kOption,    // value of option `text`; a variable while that option is auto
  kSameAs,    // equal to fact `text` of port `port`
  kLate,      // known when weights are opened
  kPerItem,   // carried in each payload; as an input: accepts per-item facts as well as fixed ones
};

struct FactRule {
  std::string fact;
  FactRuleKind kind = FactRuleKind::kFree;
  std::string text;
  std::string port;  // for kSameAs
};

struct PortDescription {
  std::string name;
  std::string kind;  // payload kind
  std::string axes;  // for people
  std::string view;  // outputs of a source only
  bool optional = false;
  bool many = false;      // an input that takes several wires
  bool derived = false;   // an input whose rows join by the id before '#'
  bool storable = false;  // an output whose payloads can be read back from their records
  std::vector<FactRule> facts;
};

// A figure that a collect reports, and so what a validation may select by.
struct MetricDescription {
  std::string name;    // "map@{map_at}": {option} stands for the option's value
  std::string option;  // reported only where this option is `value`; empty: always
  std::string value;
};

enum class StageKind : std::uint8_t { kSource, kMap, kExpand, kCollapse, kBatchMap, kStep, kCollect };

enum class Determinism : std::uint8_t {
  kRandom,   // draws random numbers while training
  kExact,    // the same bits everywhere
  kNumeric,  // the same bits on the same class of machine
};

struct PluginDescription {
  std::string name;
  std::int64_t algorithm = 1;  // raised when the same options give other values
  std::string sentence;
  StageKind kind = StageKind::kMap;
  Determinism determinism = Determinism::kExact;
  bool header_only = false;   // a selector: reads header facts and ranges, never samples
  bool ranged = false;        // computes any range of its output, bit-equal to the whole
  bool compute_lane = false;  // must run on the engine's one compute thread (everything that uses LibTorch)
  bool trainable = false;     // has parameters
  bool any_device = false;    // computes on the device and in the precision that the graph file says
  bool weights = false;       // has weights that say something before the stage is made (weights_info.h)
  std::string offers;         // capability name, for example "earshot.nn.parameters/1"
  std::string wants;          // capability handed over from every stage upstream
  std::vector<OptionDescription> options;
  std::vector<PortDescription> inputs;
  std::vector<PortDescription> outputs;
  std::vector<MetricDescription> metrics;  // of a collect: all that it reports
};

const char* to_string(StageKind kind) noexcept;
const char* to_string(OptionType type) noexcept;
const char* to_string(Determinism determinism) noexcept;

}  // namespace earshot
