#include "short_attention.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/empty.h>

#include "earshot/contract/kernel.h"

namespace earshot::nn {
namespace {

constexpr std::int64_t kMost = 64;  // tokens, and values of a head
constexpr std::int64_t kLanes = 8;
constexpr std::int64_t kGroup = 4;  // queries side by side, which share what is read of keys and values

using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
using Whole = std::int32_t __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));

std::int64_t round_up(std::int64_t count, std::int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

// One head of one row: where token t's values begin is t * step.
struct Tokens {
  const float* values;
  std::int64_t step;
};
struct Added {
  const float* values;  // nullptr: nothing
  std::int64_t query_step;
  std::int64_t key_step;
};
struct Head {
  Tokens queries;
  Tokens keys;
  Tokens values;
  Added added;
  float* out;  // token t's values begin at t * out_step
  std::int64_t out_step;
  std::int64_t query_count;
  std::int64_t key_count;
  std::int64_t size;
  float scale;
};

// e^x in each lane for x <= 0, to one unit in the last place or two; 0 below -87, where results would be subnormal.
// With n = round(x / ln 2): e^x = 2^n e^r, r = x - n ln 2 by Cody and Waite's two parts of ln 2, e^r by Taylor's series
// to r^7, |r| <= 0.35.
[[gnu::always_inline]] inline void exponentials(Lanes& x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr std::int32_t kOne = 127 << 23;
  const Whole gone = x < -87.0F;  // no NaN is
  const Lanes bounded = gone ? Lanes{} : x;
  const Lanes n = (bounded * kLog2E + kRound) - kRound;
  const Lanes r = (bounded - n * kLn2High) - n * kLn2Low;
  Lanes series = r * (1.0F / 5040) + 1.0F / 720;
  series = series * r + 1.0F / 120;
  series = series * r + 1.0F / 24;
  series = series * r + 1.0F / 6;
  series = series * r + 0.5F;
  series = series * r + 1.0F;
  series = series * r + 1.0F;
  const Whole power = (__builtin_convertvector(n, Whole) << 23) + kOne;
  const Lanes result = series * reinterpret_cast<const Lanes&>(power);
  x = gone ? Lanes{} : result;
}

// sums[query][lane] = sum over `depth` of left[query][i] * right[i][lane], for kGroup queries and 8 kWide lanes.
template <int kWide>
[[gnu::always_inline]] inline void products(const float* left, std::int64_t left_step, const float* right,
                                            std::int64_t right_step, std::int64_t depth, float* sums,
                                            std::int64_t sums_step) {
  Lanes sum[kGroup][kWide] = {};
  for (std::int64_t i = 0; i < depth; ++i)
    for (int wide = 0; wide < kWide; ++wide) {
      const Lanes lanes = *reinterpret_cast<const Lanes*>(right + i * right_step + wide * kLanes);
      for (int query = 0; query < kGroup; ++query) sum[query][wide] += left[query * left_step + i] * lanes;
    }
  for (int query = 0; query < kGroup; ++query)
    for (int wide = 0; wide < kWide; ++wide)
      *reinterpret_cast<Lanes*>(sums + query * sums_step + wide * kLanes) = sum[query][wide];
}

[[gnu::always_inline]] inline void all_products(const float* left, std::int64_t left_step, const float* right,
                                                std::int64_t right_step, std::int64_t depth, std::int64_t width,
                                                float* sums, std::int64_t sums_step) {
  std::int64_t lane = 0;
  for (; lane + 2 * kLanes <= width; lane += 2 * kLanes)
    products<2>(left, left_step, right + lane, right_step, depth, sums + lane, sums_step);
  if (lane < width) products<1>(left, left_step, right + lane, right_step, depth, sums + lane, sums_step);
}

struct Larger {
  [[gnu::always_inline]] void operator()(Lanes& into, const Lanes& other) const { into = into > other ? into : other; }
};
struct Sum {
  [[gnu::always_inline]] void operator()(Lanes& into, const Lanes& other) const { into += other; }
};

// What all lanes give together: they are folded onto themselves by a half, a quarter, one.
template <class Fold>
[[gnu::always_inline]] inline float folded(Lanes& x, const Fold& fold) {
  fold(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
  fold(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
  fold(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
  return x[0];
}

// In place: e^(score - largest); lanes behind the last key get 0. Returns their sum, by which softmax divides.
[[gnu::always_inline]] inline float exponentials_of(float* scores, std::int64_t keys, std::int64_t lanes) {
  for (std::int64_t key = keys; key < lanes; ++key) scores[key] = -std::numeric_limits<float>::infinity();
  Lanes most = *reinterpret_cast<Lanes*>(scores);
  for (std::int64_t key = kLanes; key < lanes; key += kLanes) Larger()(most, *reinterpret_cast<Lanes*>(scores + key));
  const float largest = folded(most, Larger());
  Lanes sums{};
  for (std::int64_t key = 0; key < lanes; key += kLanes) {
    Lanes& part = *reinterpret_cast<Lanes*>(scores + key);
    part -= largest;
    exponentials(part);
    sums += part;
  }
  return folded(sums, Sum());
}

EARSHOT_KERNEL void attend(const Head& head) {
  const std::int64_t lanes = round_up(head.key_count, kLanes);
  alignas(64) float turned[kMost * kMost];  // keys as [size, lane]
  alignas(64) float queries[kGroup * kMost];
  alignas(64) float scores[kGroup * kMost];
  alignas(64) float sums[kGroup * kMost];
  for (std::int64_t i = 0; i < head.size; ++i) {
    for (std::int64_t key = 0; key < head.key_count; ++key)
      turned[i * kMost + key] = head.keys.values[key * head.keys.step + i];
    for (std::int64_t key = head.key_count; key < lanes; ++key) turned[i * kMost + key] = 0;
  }
  for (std::int64_t first = 0; first < head.query_count; first += kGroup) {
    const std::int64_t count = std::min(kGroup, head.query_count - first);
    for (std::int64_t query = 0; query < kGroup; ++query)  // the last one again where there are fewer
      for (std::int64_t i = 0; i < head.size; ++i)
        queries[query * kMost + i] =
            head.scale * head.queries.values[(first + std::min(query, count - 1)) * head.queries.step + i];
    all_products(queries, kMost, turned, kMost, head.size, lanes, scores, kMost);
    float shares[kGroup];  // of each query: 1 / the sum of its weights
    for (std::int64_t query = 0; query < kGroup; ++query) {
      float* const row = scores + query * kMost;
      const float* const added = head.added.values + (first + std::min(query, count - 1)) * head.added.query_step;
      if (head.added.values != nullptr)
        for (std::int64_t key = 0; key < head.key_count; ++key) row[key] += added[key * head.added.key_step];
      shares[query] = 1 / exponentials_of(row, head.key_count, lanes);
    }
    all_products(scores, kMost, head.values.values, head.values.step, head.key_count, head.size, sums, kMost);
    for (std::int64_t query = 0; query < count; ++query)
      for (std::int64_t i = 0; i < head.size; ++i)
        head.out[(first + query) * head.out_step + i] = sums[query * kMost + i] * shares[query];
  }
}

bool is_plain(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && !tensor.requires_grad() && tensor.stride(-1) == 1;
}

}  // namespace

bool is_short_attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values) {
  return is_plain(queries) && is_plain(keys) && is_plain(values) && !at::autocast::is_autocast_enabled(at::kCPU) &&
         queries.size(2) <= kMost && keys.size(2) <= kMost && keys.size(2) > 0 && queries.size(3) <= kMost &&
         queries.size(3) % kLanes == 0;
}

at::Tensor short_attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                           const at::Tensor& added, double scale) {
  const std::int64_t rows = queries.size(0);
  const std::int64_t heads = queries.size(1);
  const std::int64_t query_count = queries.size(2);
  const std::int64_t size = queries.size(3);
  at::Tensor out = at::empty({rows, query_count, heads * size}, queries.options());
  const at::Tensor bias = added.defined() ? added.expand({rows, heads, query_count, keys.size(2)}) : at::Tensor();
  const auto part = [](const at::Tensor& tensor, std::int64_t row, std::int64_t head) {
    return tensor.const_data_ptr<float>() + row * tensor.stride(0) + head * tensor.stride(1);
  };
  auto* const begin = out.mutable_data_ptr<float>();
  const auto head_of = [&](std::int64_t row, std::int64_t head) -> Head {
    return {.queries = {part(queries, row, head), queries.stride(2)},
            .keys = {part(keys, row, head), keys.stride(2)},
            .values = {part(values, row, head), values.stride(2)},
            .added = bias.defined() ? Added{part(bias, row, head), bias.stride(2), bias.stride(3)} : Added{},
            .out = begin + row * out.stride(0) + head * size,
            .out_step = heads * size,
            .query_count = query_count,
            .key_count = keys.size(2),
            .size = size,
            .scale = static_cast<float>(scale)};
  };
  at::parallel_for(0, rows * heads, /*grain_size=*/8, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) attend(head_of(i / heads, i % heads));
  });
  return out;
}

}  // namespace earshot::nn
