// contract() throws.
#include <stdexcept>

#include "pass.h"

namespace {

struct Stage final : earshot::bad::Pass {
  using Pass::Pass;
  static auto contract() {
    throw std::runtime_error("the table of windows is empty");
    return named("throws");
  }
};

}  // namespace

EARSHOT_PLUGIN(Stage)
