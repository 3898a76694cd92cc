// The clips of ESC-50 and its kin: class and fold of each, from either of its two layouts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::esc {

struct Clip {
  std::string file;  // relative to the root
  std::string category;
  std::int64_t fold = 0;
};

// Reads `audio/` with `meta/esc50.csv` where that exists, else folders of classes ("001 - Dog bark/1-100032-A.ogg").
// Clips in bytewise order of their files. Opens no sound file.
// Errors: kNotFound without folder or clips, kCorruptInput for a table or name that does not fit, naming the place.
Result<std::vector<Clip>> read_clips(const std::filesystem::path& root);

// A class name as data/esc/classes.csv spells it: "001 - Dog bark" and "dog_bark" -> "dog bark".
std::string plain_class(std::string_view name);

// The sentence of a class: that of data/esc/classes.csv, or for classes not there "the sound of NAME is heard".
std::string sentence_of(std::string_view category);

}  // namespace earshot::esc
