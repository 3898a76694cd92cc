// Pass<Name>: a map that hands on what it gets; what the plugins here have in common.
#pragma once

#include "earshot/contract/embedding.h"
#include "earshot/contract/plugin.h"

namespace earshot::bad {

struct Pass : Map {
  static auto named(const char* name) {
    return Contract<NoOptions>(name, 1, "hands on what it gets")
        .input<PlainEmbedding>("in")
        .output<PlainEmbedding>("out", same_facts_as("in"));
  }
  Pass(const NoOptions& /*options*/, const Setup& /*setup*/) {}
  [[nodiscard]] Result<Outputs> process(const Inputs& inputs, Context& /*context*/) const override {
    return Outputs{inputs.pointer("in")};
  }
};

}  // namespace earshot::bad
