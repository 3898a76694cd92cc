// contract() crashes.
#include <cstdlib>

#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() {
    std::abort();
    return named("crashes_in_describe");
  }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
