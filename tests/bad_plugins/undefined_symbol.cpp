// Calls a function that is nowhere: the loader refuses it.
#include "pass.h"

extern "C" void defined_nowhere();

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() {
    defined_nowhere();
    return named("undefined_symbol");
  }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
