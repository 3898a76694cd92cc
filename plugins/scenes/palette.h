// Palette: the sounds that scenes are made of, each with several captions.
//
// The file form is JSON: {"format": 1, "root": FOLDER, "recordings": [{"file", "category", "captions", "sustained"}]}.
// `root` is optional and relative to the file. A caption is a clause in the present tense, lower case, without a full
// stop or comma ("an owl hoots"), so that clauses join into the sentence of a scene.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"
#include "synthesis.h"

namespace earshot::scenes {

struct Sound {
  std::string name;            // of the file, relative to the root, or of the formula
  std::filesystem::path file;  // empty where `formula` computes the sound
  std::string category;
  std::vector<std::string> captions;  // at least three
  bool sustained = false;             // may go on in the background
  Formula formula;
};

inline constexpr std::size_t kMaxSounds = 4096;

// Reads the text of a palette file; `folder` is what its files are relative to unless it names a root.
// Errors: kInvalidArgument naming the entry and the rule that it breaks. Does not look for the files.
Result<std::vector<Sound>> parse_palette(std::string_view json, const std::filesystem::path& folder);

// The palette of Debian's tuxpaint-stamps-default, data/scenes/palette.json, whether installed or not.
Result<std::vector<Sound>> package_palette();

// Sounds by formula: needs no file.
std::vector<Sound> synthetic_palette();

}  // namespace earshot::scenes
