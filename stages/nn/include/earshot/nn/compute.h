// What every call of a network needs: threads, whether gradients are kept, and errors as values.
#pragma once

#include <functional>

#include "earshot/contract/result.h"

namespace earshot::nn {

enum class Gradients : bool { kOff, kOn };

// Calls `work` with LibTorch set to `threads` threads on the calling thread and with or without gradients; both are as
// before afterwards. Errors: kInternal with LibTorch's own sentence where it throws.
Status compute(int threads, Gradients gradients, const std::function<void()>& work);

}  // namespace earshot::nn
