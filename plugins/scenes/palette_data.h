// data/scenes/palette.json as the build found it.
#pragma once

#include <string_view>

namespace earshot::scenes {
extern const std::string_view kPackagePalette;
}  // namespace earshot::scenes
