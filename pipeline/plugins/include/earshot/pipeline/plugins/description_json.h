// A plugin's description as JSON and back. The reader is strict: every key must be there with its type, and no other.
// Pure functions, safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "earshot/contract/description.h"
#include "earshot/contract/result.h"

namespace earshot::plugins {

// One document, two spaces a level; an option that is auto is null.
std::string to_json(const PluginDescription& description);

// Errors: kCorruptInput names the key.
Result<PluginDescription> description_from_json(std::string_view text);

}  // namespace earshot::plugins
