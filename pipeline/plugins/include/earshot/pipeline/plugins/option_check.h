// Whether a value fits an option, as the option's description declares it. Pure functions, safe from any thread.
#pragma once

#include <string>

#include "earshot/contract/description.h"

namespace earshot::plugins {

// Empty when `value` fits; else what was expected, as the end of a sentence: "expected a number from -60 to 60 dB".
// Numbers are in the option's own unit; a whole number fits where a double is expected.
std::string why_not(const OptionDescription& option, const OptionValue& value);

// What fits the option, for people: "number from -60 to 60 dB", "one of \"mean\", \"max\"", "list of whole numbers".
std::string expected(const OptionDescription& option);

}  // namespace earshot::plugins
