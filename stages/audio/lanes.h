// Lanes: kernels work on 16 frames side by side. Row r of lane data is 16 neighbouring floats, one of each frame, so
// every arithmetic operation of a transform is one loop over 16 lanes that the compiler turns into vector code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "earshot/contract/kernel.h"

// In front of a loop over lanes: no lane writes what another reads.
#if defined(__clang__)
#define EARSHOT_INDEPENDENT_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define EARSHOT_INDEPENDENT_LANES _Pragma("GCC ivdep")
#endif

namespace earshot::audio {

inline constexpr std::size_t kLanes = 16;

// Memory on cache-line boundaries, taken as plain memory with room to spare: glibc before 2.38 does not find aligned
// blocks that were given back again, and grows by them for as long as a run lasts.
template <class T>
struct CacheAligned {
  using value_type = T;
  static constexpr std::size_t kAlignment = 64;

  CacheAligned() = default;
  template <class U>
  CacheAligned(const CacheAligned<U>&) noexcept {}  // NOLINT(google-explicit-constructor)
  // In front of what it gives lies where the block begins.
  T* allocate(std::size_t count) {
    void* const block = ::operator new(count * sizeof(T) + kAlignment + sizeof(void*));
    auto* const given = static_cast<std::byte*>(block) + sizeof(void*);
    const std::size_t past = reinterpret_cast<std::uintptr_t>(given) % kAlignment;
    auto* const aligned = given + (past == 0 ? 0 : kAlignment - past);
    std::memcpy(aligned - sizeof(void*), &block, sizeof(void*));
    return reinterpret_cast<T*>(aligned);
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept {
    void* block = nullptr;
    std::memcpy(&block, reinterpret_cast<std::byte*>(memory) - sizeof(void*), sizeof(void*));
    ::operator delete(block);
  }
  friend bool operator==(const CacheAligned&, const CacheAligned&) { return true; }
};

using LaneBuffer = std::vector<float, CacheAligned<float>>;

}  // namespace earshot::audio
