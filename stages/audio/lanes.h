// Lanes: kernels work on 16 frames side by side. Row r of lane data is 16 neighbouring floats, one of each frame, so
// every arithmetic operation of a transform is one loop over 16 lanes that the compiler turns into vector code.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

// Compiled for several processor levels, chosen when the library is loaded (CMake option EARSHOT_CLONES).
#if defined(EARSHOT_CLONES) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EARSHOT_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EARSHOT_KERNEL
#endif

// In front of a loop over lanes: no lane writes what another reads.
#if defined(__clang__)
#define EARSHOT_INDEPENDENT_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define EARSHOT_INDEPENDENT_LANES _Pragma("GCC ivdep")
#endif

namespace earshot::audio {

inline constexpr std::size_t kLanes = 16;

// Memory on cache-line boundaries.
template <class T>
struct CacheAligned {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheAligned() = default;
  template <class U>
  CacheAligned(const CacheAligned<U>&) noexcept {}  // NOLINT(google-explicit-constructor)
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* memory, std::size_t) noexcept { ::operator delete(memory, kAlignment); }
  friend bool operator==(const CacheAligned&, const CacheAligned&) { return true; }
};

using LaneBuffer = std::vector<float, CacheAligned<float>>;

}  // namespace earshot::audio
