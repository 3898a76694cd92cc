// The position of the first sample that is NaN or infinite.
#pragma once

#include <optional>
#include <span>

namespace earshot::audio {

std::optional<std::size_t> first_non_finite(std::span<const float> samples);

}  // namespace earshot::audio
