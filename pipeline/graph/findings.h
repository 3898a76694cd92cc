// Sources, Findings: the texts that were read, and what was found wrong in them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/pipeline/graph/diagnostic.h"

namespace earshot::graph {

class Sources {
 public:
  void add_file(const std::string& file, std::string_view text);
  void add_argument(int argument, std::string_view text);
  // Of the place named; empty where that text was not read or the line is too long to show.
  [[nodiscard]] std::string line(const Span& span) const;
  // Files in the order in which they were read, arguments last.
  [[nodiscard]] std::size_t rank(const std::string& file) const;
  [[nodiscard]] bool knows(const std::string& file) const { return files_.count(file) != 0; }

 private:
  struct Text {
    std::size_t rank = 0;
    std::map<int, std::string> lines;
  };
  std::map<std::string, Text> files_;
};

class Findings {
 public:
  explicit Findings(const Sources& sources) : sources_(sources) {}

  void error(const Span& span, std::string message, std::string hint = {}, std::vector<std::string> notes = {});
  void note(const Span& span, std::string message, std::string hint = {});
  [[nodiscard]] std::size_t errors() const { return errors_; }
  // Sorted by place, each sentence about a place once.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  void add(Diagnostic diagnostic);

  const Sources& sources_;
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace earshot::graph
