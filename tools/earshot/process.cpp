#include "process.h"

#include <cstdlib>

#include <malloc.h>

namespace earshot::tools {
namespace {

// glibc gives large blocks back to the system when they are freed and pays page faults for them at the next training
// step. Told to keep them, a step of a large encoder takes a third less time.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

// Between two pieces of work LibTorch's OpenMP threads spin by default, on cores that the flow graph's threads need: a
// training step then costs four times the processor time where both share two cores. Read when LibTorch is loaded.
void let_idle_threads_sleep() { setenv("GOMP_SPINCOUNT", "0", /*overwrite=*/0); }

// Without it cuBLAS may sum in another order each time, and LibTorch refuses to call it where bits must repeat
// (stages/nn/compute.h). Read when a GPU is first used.
void let_products_repeat() { setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0); }

}  // namespace

void prepare_process() {
  keep_freed_memory();
  let_idle_threads_sleep();
  let_products_repeat();
}

}  // namespace earshot::tools
