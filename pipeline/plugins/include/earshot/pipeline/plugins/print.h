// What `earshot plugins` and `earshot describe` print: for people, and as JSON. Pure functions, safe from any thread.
#pragma once

#include <string>

#include "earshot/contract/description.h"
#include "earshot/pipeline/plugins/catalogue.h"

namespace earshot::plugins {

// Kind, options (what fits, default, sentence), ports with axes and facts, and the stanza, as lines for a terminal.
std::string describe_text(const PluginDescription& description);

// The stage's table for a graph file, every option at its default: what can be pasted.
std::string stanza(const PluginDescription& description);

// One line a plugin, then one line a library that cannot be used, with its reason.
std::string plugins_text(const Catalogue& catalogue);

// {"plugins": [{"name", "kind", "sentence", "file"}], "unusable": [{"file", "reason"}]}
std::string plugins_json(const Catalogue& catalogue);

}  // namespace earshot::plugins
