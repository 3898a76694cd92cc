// Describes something that cannot be: a name twice, a default out of range, facts of ports that are not there.
#include "pass.h"

namespace {

struct Options {
  double level_db = 99;
};

struct Stage final : earshot::bad::Pass {
  static auto contract() {
    using namespace earshot;
    return Contract<Options>("wrong_description", 1, "")
        .option(&Options::level_db, "level_db", unit("dB"), range(-60, 60), "added to the level")
        .input<PlainEmbedding>("in")
        .input<PlainEmbedding>("in")
        .output<PlainEmbedding>("out", same_fact_as("dim", "elsewhere"))
        .output<PlainEmbedding>("other", fact_from_option("dim", "size"));
  }
  Stage(const Options& /*options*/, const earshot::Setup& setup) : Pass({}, setup) {}
};

}  // namespace

EARSHOT_PLUGIN(Stage)
