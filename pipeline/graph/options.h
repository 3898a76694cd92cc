// Options of a stage: a graph's values against the plugin's declarations.
#pragma once

#include <optional>
#include <string>

#include "earshot/contract/description.h"
#include "findings.h"
#include "tree.h"

namespace earshot::graph {

// The value as the stage will get it: unit resolved, range and choices checked, a file relative to the graph file that
// says it. Nothing, with a finding, where it does not fit. `owner` names the plugin in sentences.
std::optional<OptionValue> read_option(const OptionDescription& option, const Value& value, const std::string& owner,
                                       Findings& findings);
// What an option takes: "a whole number in Hz, kHz or MHz, 1 to 192000", "one of hann, povey".
std::string expected_option(const OptionDescription& option);

}  // namespace earshot::graph
