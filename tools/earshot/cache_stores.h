// What the verbs of `earshot cache` share.
#pragma once

#include <cstdint>
#include <string>

#include "earshot/pipeline/cache/entry.h"

namespace earshot::tools {

// "2026-03-01 14:05", local time.
std::string time_text(std::int64_t time_s);
// "plugin logmel 1, hop 10 ms".
std::string parts_text(const cache::Description& description);

}  // namespace earshot::tools
