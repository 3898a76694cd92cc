// Diagnostic: one mistake in a graph file or on a command line, where it is and what would be right.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "earshot/pipeline/graph/resolved.h"

namespace earshot::graph {

// A place with its length, what a caret line underlines.
struct Span {
  Origin origin;
  int length = 1;  // code points
};

struct Diagnostic {
  Span span;
  std::string message;             // what is wrong
  std::string hint;                // behind the carets: what would be right
  std::vector<std::string> notes;  // further lines: what there is
  std::string source_line;         // the line underlined; empty where there is none (a file that cannot be opened)
  bool error = true;               // false: something worth knowing
};

// file:line:column, or argument N:column.
std::string place(const Origin& origin);
// file:line:column: error: message, the source line, carets and hint, notes. Ends in a newline.
std::string format(const Diagnostic& diagnostic);
// All of them, in the order given, then "N errors in M files" where there are errors.
std::string format(std::span<const Diagnostic> diagnostics);

}  // namespace earshot::graph
