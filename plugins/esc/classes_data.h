// data/esc/classes.csv as the build found it.
#pragma once

#include <string_view>

namespace earshot::esc {
extern const std::string_view kClasses;
}  // namespace earshot::esc
