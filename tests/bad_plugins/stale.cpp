// A good plugin; the test puts the description of another build beside it.
#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() { return named("stale"); }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
