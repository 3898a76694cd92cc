// Wires: "corpus.audio -> crop -> decode" as ends with places.
#pragma once

#include <string>
#include <vector>

#include "findings.h"
#include "tree.h"

namespace earshot::graph {

// STAGE, STAGE.PORT or SOURCE.VIEW.PORT.
struct WireEnd {
  std::vector<std::string> parts;  // one to three; none where the text is no end (reported)
  Span span;
};

struct Wire {
  std::string name;
  std::vector<WireEnd> ends;
};

// The ends of one wire's text; findings, and fewer ends, where it is none.
Wire parse_wire(const std::string& name, const Value& text, Findings& findings);
// The wires of a flow in their order, those that were removed ("") left out, `insert` applied.
std::vector<Wire> read_wires(const Table& flow, const std::string& what, Findings& findings);

}  // namespace earshot::graph
