// contract() never returns.
#include <unistd.h>

#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() {
    for (;;) pause();
    return named("hangs_in_describe");
  }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
