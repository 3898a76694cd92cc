#include "image_file.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <png.h>

namespace earshot::tools {

Status write_image(const std::filesystem::path& file, std::span<const float> values, std::int64_t rows,
                   std::int64_t columns) {
  if (values.empty()) return Error{ErrorCode::kUnsupported, "there is nothing to draw in '" + file.string() + "'"};
  const auto [low, high] = std::ranges::minmax(values);
  const float scale = high > low ? 255.0F / (high - low) : 0.0F;
  std::vector<png_byte> pixels;
  pixels.reserve(values.size());
  for (std::int64_t row = rows - 1; row >= 0; --row)
    for (const float value : values.subspan(static_cast<std::size_t>(row * columns), static_cast<std::size_t>(columns)))
      pixels.push_back(static_cast<png_byte>(std::lround((value - low) * scale)));
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(columns);
  image.height = static_cast<png_uint_32>(rows);
  image.format = PNG_FORMAT_GRAY;
  if (png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), 0, nullptr) == 0)
    return Error{ErrorCode::kIo, "cannot write '" + file.string() + "': " + image.message};
  return {};
}

}  // namespace earshot::tools
