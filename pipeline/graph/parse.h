// parse: TOML text to a tree with origins. The parser behind it is guarded: what would make it abort, recurse too deep
// or take too much memory is refused before it sees the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "findings.h"
#include "guard.h"
#include "tree.h"

namespace earshot::graph {

// The whole of a file called `file`. Empty, with findings, when it is no TOML.
std::optional<Table> parse_file(const std::string& file, std::string_view text, Findings& findings);

// `PATH=VALUE` of the command line or of a `set` table: the value as TOML, or, where it is none, as a plain text.
// `start` is the place of the value's first character.
Value parse_value(std::string_view text, const Origin& start);

}  // namespace earshot::graph
