// ByteSink: where bytes go, piece by piece and in order. A piece has been taken in when the call returns.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "earshot/contract/result.h"

namespace earshot {

using ByteSink = std::function<Status(std::span<const std::byte>)>;

}  // namespace earshot
