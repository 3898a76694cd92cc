#include "earshot/nn/compute.h"

#include <exception>
#include <new>
#include <string>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

namespace earshot::nn {

Status compute(int threads, Gradients gradients, const std::function<void()>& work) {
  try {
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
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
