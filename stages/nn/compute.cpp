#include "earshot/nn/compute.h"

#include <exception>
#include <new>
#include <string>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

namespace earshot::nn {
namespace {

// Said on every thread once, even where the number is LibTorch's own: only then is MKL kept from choosing fewer threads
// when the machine is busy, which would change bits.
void use_threads(int threads) {
  thread_local int said = 0;
  if (said == threads) return;
  at::set_num_threads(threads);
  said = threads;
}

}  // namespace

Status compute(int threads, Gradients gradients, const std::function<void()>& work) {
  try {
    use_threads(threads);
    const at::AutoGradMode mode(gradients == Gradients::kOn);
    work();
    return {};
  } catch (const c10::OutOfMemoryError& thrown) {
    return Error{ErrorCode::kInternal, std::string("LibTorch: ") + thrown.what_without_backtrace() +
                                           "\nA smaller batch of the flow, or chunk = N in training, needs less"};
  } catch (const c10::Error& thrown) {
    return Error{ErrorCode::kInternal, std::string("LibTorch: ") + thrown.what_without_backtrace()};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, thrown.what()};
  }
}

namespace {

// LibTorch computes gradients of a device on a thread of its own. Where the first thing that this calls is cuBLAS, it
// warns on stderr that no other call came before.
void wake_gradients(c10::Device device) { at::zeros({}, at::TensorOptions(device)).requires_grad_().mul(1).backward(); }

}  // namespace

Result<c10::Device> device_of(const Setup& setup) {
  const c10::Device device(setup.device);
  if (device.is_cpu()) return device;
  const auto there = at::globalContext().hasCUDA() ? static_cast<int>(at::getNumGPUs()) : 0;
  if (device.index() >= there || there == 0) {
    const std::string others = there == 0 ? "" : ", cuda:0 to cuda:" + std::to_string(there - 1);
    return Error{ErrorCode::kUnsupported, "stage '" + setup.stage + "' asks for device '" + setup.device +
                                              "'; this machine, with this LibTorch, has cpu" + others};
  }
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  context.setDeterministicCuDNN(true);
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  context.setDeterministicFillUninitializedMemory(false);  // nothing here reads what it did not write
  if (!setup.trainable) return device;
  const Status woken = compute(setup.compute_threads, Gradients::kOn, [&] { wake_gradients(device); });
  if (!woken.ok()) return woken.error();
  return device;
}

namespace {

// Autocast on, of one device, while it lives.
class Autocast {
 public:
  Autocast(c10::DeviceType device, at::ScalarType type)
      : device_(device),
        enabled_(at::autocast::is_autocast_enabled(device)),
        type_(at::autocast::get_autocast_dtype(device)) {
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::set_autocast_dtype(device, type);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_dtype(device_, type_);
    at::autocast::set_autocast_enabled(device_, enabled_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool enabled_;
  at::ScalarType type_;
};

}  // namespace

void in_precision(c10::Device device, const std::string& precision, const std::function<void()>& work) {
  if (precision == "fp32") return work();
  const Autocast autocast(device.type(), precision == "bf16" ? at::kBFloat16 : at::kHalf);
  work();
}

}  // namespace earshot::nn
