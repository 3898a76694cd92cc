#include "earshot/pipeline/graph/diagnostic.h"

#include <algorithm>
#include <set>

namespace earshot::graph {
namespace {

constexpr std::size_t kNumberWidth = 5;

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

// The first `count` code points of `line` as blanks; tabs stay, so that the carets stand where a terminal puts them.
std::string blanks(const std::string& line, int count) {
  std::string out;
  int seen = 0;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U) continue;
    if (seen++ == count) break;
    out += c == '\t' ? '\t' : ' ';
  }
  out.append(static_cast<std::size_t>(std::max(0, count - seen)), ' ');
  return out;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string place(const Origin& origin) {
  if (origin.file == kArgument) return "argument " + std::to_string(origin.line) + ":" + std::to_string(origin.column);
  if (origin.line == 0) return origin.file;
  return origin.file + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

std::string format(const Diagnostic& diagnostic) {
  const Origin& origin = diagnostic.span.origin;
  std::string out = place(origin) + (diagnostic.error ? ": error: " : ": note: ") + diagnostic.message + "\n";
  if (!diagnostic.source_line.empty()) {
    out += padded(std::to_string(origin.line), kNumberWidth) + " | " + diagnostic.source_line + "\n";
    out += std::string(kNumberWidth, ' ') + " | " + blanks(diagnostic.source_line, origin.column - 1) +
           std::string(static_cast<std::size_t>(std::max(1, diagnostic.span.length)), '^');
    out += (diagnostic.hint.empty() ? "" : " " + diagnostic.hint) + "\n";
  } else if (!diagnostic.hint.empty()) {
    out += "   " + diagnostic.hint + "\n";
  }
  for (const std::string& note : diagnostic.notes) out += "   " + note + "\n";
  return out;
}

std::string format(std::span<const Diagnostic> diagnostics) {
  std::string out;
  std::set<std::string> files;
  std::set<int> arguments;
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += format(diagnostic);
    if (!diagnostic.error) continue;
    ++errors;
    if (diagnostic.span.origin.file == kArgument)
      arguments.insert(diagnostic.span.origin.line);
    else
      files.insert(diagnostic.span.origin.file);
  }
  if (errors == 0) return out;
  out += counted(errors, "error") + " in ";
  if (!files.empty()) out += counted(files.size(), "file");
  if (!files.empty() && !arguments.empty()) out += " and ";
  if (!arguments.empty()) out += counted(arguments.size(), "argument");
  return out + "\n";
}

}  // namespace earshot::graph
