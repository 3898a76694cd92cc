// dropout() of layers.h. Which elements are dropped is drawn on the CPU, on all of LibTorch's threads, so that it
// depends on no device and on no number of threads; a byte an element goes to the device.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include "earshot/contract/kernel.h"
#include "earshot/nn/layers.h"

namespace earshot::nn {
namespace {

constexpr std::int64_t kDrawsOfATask = 1 << 14;

// 1 where the draw is not below `limit`, 0 elsewhere.
EARSHOT_KERNEL void compare(const std::uint32_t* draws, std::size_t count, std::uint32_t limit, std::uint8_t* kept) {
  for (std::size_t i = 0; i < count; ++i) kept[i] = draws[i] < limit ? 0 : 1;
}

void draw_row(Random random, std::uint32_t limit, std::span<std::uint8_t> kept) {
  std::array<std::uint32_t, 1024> draws;
  while (!kept.empty()) {
    const std::size_t count = std::min(kept.size(), draws.size());
    random.fill(std::span(draws).first(count));
    compare(draws.data(), count, limit, kept.data());
    kept = kept.subspan(count);
  }
}

}  // namespace

at::Tensor dropout(const at::Tensor& input, double probability, const Draws& draws, std::string_view draw,
                   bool share_frames) {
  if (!draws.training() || probability <= 0 || input.numel() == 0) return input;
  std::vector<std::int64_t> shape = input.sizes().vec();
  if (share_frames) shape[1] = 1;
  const bool on_gpu = input.is_cuda();  // pinned memory is copied there while the CPU goes on
  const at::Tensor kept = at::empty(shape, at::TensorOptions(at::kByte).pinned_memory(on_gpu));
  auto* const values = kept.mutable_data_ptr<std::uint8_t>();
  // A draw of 32 bits below probability * 2^32 drops.
  const auto limit = static_cast<std::uint32_t>(std::ldexp(probability, 32));
  const std::int64_t width = kept.numel() / kept.size(0);
  at::parallel_for(
      0, kept.size(0), std::max<std::int64_t>(1, kDrawsOfATask / width), [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t row = first; row < last; ++row)
          draw_row(draws.of_row(draw, row), limit, {values + row * width, static_cast<std::size_t>(width)});
      });
  const at::Tensor there = kept.to(input.device(), at::kByte, /*non_blocking=*/on_gpu);
  return input.mul(there.to(input.scalar_type()).mul(1 / (1 - probability)));
}

}  // namespace earshot::nn
