// earshot_matrix_speed: what LibTorch's matrix product reaches on this machine, by device and precision, as one JSON
// document {"libtorch", "threads", "speeds": [{"device", "precision", "gflops"}]}. A process of its own for `earshot
// doctor`, which does not load LibTorch. A precision that a device cannot multiply is left out.
#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_int_mm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <nlohmann/json.hpp>

namespace {

constexpr double kMeasure_s = 0.3;

struct Precision {
  const char* name;
  at::ScalarType type;
};

// [size, size]: of an encoder's order of magnitude, and beyond every cache.
at::Tensor matrix(std::int64_t size, at::ScalarType type, at::Device device) {
  const at::Tensor values = type == at::kChar ? at::randint(-100, 100, {size, size}) : at::randn({size, size});
  return values.to(device, type);
}

// Of one product, once warm.
double seconds_of(const at::Tensor& a, const at::Tensor& b) {
  double seconds = 0;
  for (int round = 0; round < 2; ++round) {
    const auto begun = std::chrono::steady_clock::now();
    at::Tensor product = a.scalar_type() == at::kChar ? at::_int_mm(a, b) : at::mm(a, b);
    if (product.is_cuda()) product = product[0][0].to(at::kCPU);  // waits for the device
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  }
  return seconds;
}

// The best of several products of the largest size up to `largest` that fits into the time, 2 size^3 operations each.
double gflops(std::int64_t largest, at::ScalarType type, at::Device device) {
  std::int64_t size = 128;
  for (;; size *= 2) {
    const double took = seconds_of(matrix(size, type, device), matrix(size, type, device));
    if (size >= largest || 8 * took > kMeasure_s / 3) break;
  }
  const at::Tensor a = matrix(size, type, device);
  const at::Tensor b = matrix(size, type, device);
  double best = seconds_of(a, b);
  for (double spent = 0; spent < kMeasure_s;) {
    const double took = seconds_of(a, b);
    spent += 2 * took;
    best = std::min(best, took);
  }
  return 2e-9 * static_cast<double>(size * size * size) / best;
}

}  // namespace

int main() {
  const at::NoGradGuard no_gradients;
  nlohmann::ordered_json speeds = nlohmann::ordered_json::array();
  const auto measure = [&speeds](const char* device, std::int64_t size) {
    for (const Precision& precision : {Precision{"fp32", at::kFloat}, Precision{"bf16", at::kBFloat16},
                                       Precision{"fp16", at::kHalf}, Precision{"int8", at::kChar}})
      try {
        const double speed = gflops(size, precision.type, at::Device(device));
        speeds.push_back({{"device", device}, {"precision", precision.name}, {"gflops", speed}});
      } catch (const std::exception&) {
        continue;  // this device does not multiply that
      }
  };
  measure("cpu", 1024);
  if (at::hasCUDA()) measure("cuda", 8192);
  const nlohmann::ordered_json report = {
      {"libtorch", EARSHOT_TORCH_VERSION}, {"threads", at::get_num_threads()}, {"speeds", speeds}};
  std::cout << report.dump() << std::endl;
}
