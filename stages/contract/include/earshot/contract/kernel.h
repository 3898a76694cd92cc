// EARSHOT_KERNEL, in front of a function that computes on arrays: it is compiled for several processor levels, and the
// one of this machine is chosen when its library is loaded (CMake option EARSHOT_CLONES).
#pragma once

#if defined(EARSHOT_CLONES) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EARSHOT_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EARSHOT_KERNEL
#endif
