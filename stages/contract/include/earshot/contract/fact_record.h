// Record-valued facts in canonical text, "name=value name=value": front_end, tokeniser. Pure, safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot {

// The names and values of `text`, in order, as views of it. Errors: kInvalidArgument for a part that is not of that
// form, and for a name given twice.
Result<std::vector<std::pair<std::string_view, std::string_view>>> fact_fields(std::string_view text);

// What of a fact decides values: `text` itself, but for a record that names files by `content` and by `path` all
// without `path`, because the same files lie elsewhere on another machine.
std::string fact_identity(const std::string& text);

}  // namespace earshot
