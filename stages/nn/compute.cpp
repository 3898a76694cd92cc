#include "earshot/nn/compute.h"

#include <exception>
#include <new>
#include <string>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
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
  } catch (const c10::Error& thrown) {
    return Error{ErrorCode::kInternal, std::string("LibTorch: ") + thrown.what_without_backtrace()};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, thrown.what()};
  }
}

}  // namespace earshot::nn
