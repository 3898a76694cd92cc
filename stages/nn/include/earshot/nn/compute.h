// What every call of a network needs: threads, a device, a precision, whether gradients are kept, and errors as values.
#pragma once

#include <functional>
#include <string>

#include <c10/core/Device.h>

#include "earshot/contract/result.h"
#include "earshot/contract/setup.h"

namespace earshot::nn {

enum class Gradients : bool { kOff, kOn };

// Calls `work` with LibTorch set to `threads` threads on the calling thread and with or without gradients; both are as
// before afterwards. Errors: kInternal with LibTorch's own sentence where it throws.
Status compute(int threads, Gradients gradients, const std::function<void()>& work);

// The device that `setup` asks for. On a GPU matrix products are from then on never rounded to TF32, and only kernels
// run that give the same bits each time; LibTorch throws where an operation has none. That cuBLAS can, needs
// CUBLAS_WORKSPACE_CONFIG in the environment. Errors: kUnsupported naming the devices that there are.
Result<c10::Device> device_of(const Setup& setup);

// Calls `work` so that matrix products, convolutions and attention compute in `precision` ("fp32", "bf16" or "fp16")
// and what needs range or digits (norms, softmax, sums) in fp32: LibTorch's autocast. Weights stay fp32.
void in_precision(c10::Device device, const std::string& precision, const std::function<void()>& work);

}  // namespace earshot::nn
