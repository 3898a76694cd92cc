// What the verbs of `earshot cache` share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "earshot/contract/result.h"
#include "earshot/pipeline/cache/entry.h"
#include "earshot/pipeline/cache/store.h"

namespace earshot::tools {

// "2026-03-01 14:05", local time.
std::string time_text(std::int64_t time_s);
// "plugin logmel 1, hop 10 ms".
std::string parts_text(const cache::Description& description);

// A part that two descriptions have differently; empty where one of them lacks it.
struct ChangedPart {
  std::string name;
  std::string before;
  std::string after;
};
std::vector<ChangedPart> changed_parts(const cache::Description& before, const cache::Description& after);

}  // namespace earshot::tools
