// Prints while it is loaded and while it describes itself; that harms nobody.
#include <cstdio>

#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() {
    std::puts("describing");
    return named("noisy");
  }
};

const int kGreeting = std::puts("loading");

}  // namespace

EARSHOT_PLUGIN(Stage)
