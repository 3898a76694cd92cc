// A static constructor crashes.
#include <csignal>

#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() { return named("crashes_on_load"); }
};

const int kCrashed = std::raise(SIGSEGV);

}  // namespace

EARSHOT_PLUGIN(Stage)
