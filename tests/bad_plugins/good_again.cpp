// A plugin whose name another one has.
#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() { return named("good"); }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
