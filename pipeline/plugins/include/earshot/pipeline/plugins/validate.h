// Whether a plugin's description makes sense in itself. Pure, safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "earshot/contract/description.h"
#include "earshot/contract/result.h"

namespace earshot::plugins {

// Everything wrong with a description, a sentence each; empty when it can be used.
std::vector<std::string> validate(const PluginDescription& description);

// The same as one error, kUnsupported: the rest of a sentence that begins with the plugin's file.
Status check_description(const PluginDescription& description);

}  // namespace earshot::plugins
