// Table: rows of cells as aligned lines, and figures as people read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace earshot::tools {

enum class Align : std::uint8_t { kLeft, kRight };

class Table {
 public:
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  // Missing cells are empty; the width of a cell is counted in code points.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // A line a row, two spaces between columns, no space at the end.
  [[nodiscard]] std::string text(std::size_t indent = 0) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// 412003 -> "412,003".
std::string count_text(std::int64_t count);
// Four significant digits: "0.8231", "-42.1", "1.2e-07".
std::string figure_text(double value);
// Three digits behind the point: "0.823".
std::string fixed_text(double value);
// 1536 -> "1.5 KiB".
std::string bytes_text(double bytes);

}  // namespace earshot::tools
