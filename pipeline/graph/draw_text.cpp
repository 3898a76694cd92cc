// Rows are chains of nodes; wires between rows leave by a column behind a node and enter by a column before one.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "earshot/pipeline/graph/draw.h"
#include "tree.h"

namespace earshot::graph {
namespace {

enum Direction : std::uint8_t { kUp = 1, kDown = 2, kLeft = 4, kRight = 8 };

// By the set of directions in which a cell's line goes.
constexpr std::array<const char*, 16> kLines = {" ", "│", "│", "│", "─", "┘", "┐", "┤",
                                                "─", "└", "┌", "├", "─", "┴", "┬", "┼"};

struct Box {
  std::string label;
  int row = 0;
  int start = 0;        // first column of the label
  int end = 0;          // behind its last
  bool leaves = false;  // a wire to another row starts here
  bool enters = false;  // one ends here
};

struct Line {
  int from = 0;
  int to = 0;
};

class Canvas {
 public:
  void text(int row, int column, const std::string& label) { labels_[row][column] = label; }
  void horizontal(int row, int from, int to) {
    for (int column = from; column < to; ++column) {
      cell(row, column) |= kRight;
      cell(row, column + 1) |= kLeft;
    }
  }
  void vertical(int column, int from, int to) {
    for (int row = std::min(from, to); row < std::max(from, to); ++row) {
      cell(row, column) |= kDown;
      cell(row + 1, column) |= kUp;
    }
  }
  [[nodiscard]] std::string print(int rows) const {
    std::string out;
    for (int row = 0; row < rows; ++row) out += print_row(row);
    return out;
  }

 private:
  std::uint8_t& cell(int row, int column) { return cells_[row][column]; }

  [[nodiscard]] std::string print_row(int row) const {
    std::string line = " ";
    int column = 0;
    const auto lines = cells_.find(row);
    const auto labels = labels_.find(row);
    int width = 0;
    if (lines != cells_.end() && !lines->second.empty()) width = lines->second.rbegin()->first + 1;
    if (labels != labels_.end()) width = std::max(width, labels->second.rbegin()->first + 1);
    while (column < width) {
      if (labels != labels_.end())
        if (const auto label = labels->second.find(column); label != labels->second.end()) {
          line += label->second;
          column += code_points(label->second);
          continue;
        }
      std::uint8_t directions = 0;
      if (lines != cells_.end())
        if (const auto found = lines->second.find(column); found != lines->second.end()) directions = found->second;
      line += kLines.at(directions);
      ++column;
    }
    return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }

  std::map<int, std::map<int, std::uint8_t>> cells_;
  std::map<int, std::map<int, std::string>> labels_;
};

class Picture {
 public:
  Picture(const ResolvedGraph& graph, const ResolvedFlow& flow) {
    add_boxes(graph, flow);
    add_rows(graph, flow);
    place_all();
  }

  [[nodiscard]] std::string print() const {
    Canvas canvas;
    for (const Box& box : boxes_) canvas.text(box.row, box.start, box.label);
    for (const Line& line : lines_) draw(canvas, box(line.from), box(line.to));
    return canvas.print(rows_);
  }

 private:
  [[nodiscard]] const Box& box(int index) const { return boxes_[static_cast<std::size_t>(index)]; }
  Box& box(int index) { return boxes_[static_cast<std::size_t>(index)]; }
  static int behind(const Box& from) { return from.end + 2; }
  static int before(const Box& to) { return to.start - 3; }

  void add_boxes(const ResolvedGraph& graph, const ResolvedFlow& flow) {
    for (const ResolvedNode& node : flow.nodes) {
      const ResolvedStage& stage = graph.stages[static_cast<std::size_t>(node.stage)];
      const bool view = stage.description.kind == StageKind::kSource && !node.view.empty();
      boxes_.push_back({view ? stage.name + "." + node.view : stage.name, -1});
    }
  }

  // Chains along the first wire to a node without a row; every other wire joins two rows, or has one of its own.
  void add_rows(const ResolvedGraph& graph, const ResolvedFlow& flow) {
    std::set<std::size_t> drawn;
    const std::size_t count = boxes_.size();
    for (std::size_t first = 0; first < count; ++first) {
      if (boxes_[first].row >= 0) continue;
      const int row = rows_++;
      for (int node = static_cast<int>(first); node >= 0;) {
        box(node).row = row;
        chain_end_.insert(node);
        const int here = node;
        node = -1;
        for (std::size_t i = 0; i < flow.edges.size() && node < 0; ++i) {
          if (flow.edges[i].from != here || box(flow.edges[i].to).row >= 0) continue;
          node = flow.edges[i].to;
          drawn.insert(i);
          lines_.push_back({here, node});
          chain_end_.erase(here);
          chain_start_.insert(node);
        }
      }
    }
    for (std::size_t i = 0; i < flow.edges.size(); ++i)
      if (drawn.count(i) == 0) add_wire(graph, flow, flow.edges[i]);
  }

  void add_wire(const ResolvedGraph& graph, const ResolvedFlow& flow, const ResolvedEdge& edge) {
    const bool ends_row = chain_end_.count(edge.from) != 0;
    const bool starts_row = chain_start_.count(edge.to) == 0;
    if (ends_row || starts_row) {
      lines_.push_back({edge.from, edge.to});
      return;
    }
    const ResolvedStage& stage =
        graph.stages[static_cast<std::size_t>(flow.nodes[static_cast<std::size_t>(edge.from)].stage)];
    const int row = box(edge.from).row + 1;
    for (Box& other : boxes_)
      if (other.row >= row) ++other.row;
    ++rows_;
    boxes_.push_back({"(" + stage.description.outputs[static_cast<std::size_t>(edge.from_port)].name + ")", row});
    const int label = static_cast<int>(boxes_.size()) - 1;
    chain_end_.insert(label);
    lines_.push_back({edge.from, label});
    lines_.push_back({label, edge.to});
  }

  // From left to right, each as near as its wires allow.
  void place_all() {
    for (const Line& line : lines_) {
      if (box(line.from).row == box(line.to).row) continue;
      (chain_end_.count(line.from) != 0 ? box(line.to).enters : box(line.from).leaves) = true;
    }
    std::vector<bool> placed(boxes_.size(), false);
    for (std::size_t done = 0; done < boxes_.size();) {
      const std::size_t before_pass = done;
      for (std::size_t i = 0; i < boxes_.size(); ++i) {
        const bool ready = !placed[i] && std::all_of(lines_.begin(), lines_.end(), [&](const Line& line) {
          return line.to != static_cast<int>(i) || placed[static_cast<std::size_t>(line.from)];
        });
        if (!ready) continue;
        place(static_cast<int>(i));
        placed[i] = true;
        ++done;
      }
      if (done == before_pass) return;
    }
  }

  void place(int index) {
    Box& here = box(index);
    here.start = 1;
    for (const Line& line : lines_)
      if (line.to == index) {
        const Box& from = box(line.from);
        here.start = std::max(here.start, from.end + 3 + (from.leaves ? 2 : 0) + (here.enters ? 2 : 0));
      }
    constexpr int kWidest = 4000;
    const int width = code_points(here.label);
    while (here.start < kWidest && collides(index, here.start, width)) ++here.start;
    here.end = here.start + width;
    claim(index);
  }

  // Rows between which the wires of another row that enter (or leave) a box run.
  [[nodiscard]] std::pair<int, int> reach(int index, bool entering) const {
    std::pair<int, int> rows(box(index).row, box(index).row);
    for (const Line& line : lines_) {
      if ((entering ? line.to : line.from) != index) continue;
      const int other = box(entering ? line.from : line.to).row;
      rows = {std::min(rows.first, other), std::max(rows.second, other)};
    }
    return rows;
  }

  [[nodiscard]] bool collides(int index, int start, int width) const {
    const Box& here = box(index);
    const auto taken = [&](int row, int column) { return taken_.count({row, column}) != 0; };
    for (int column = start - 1; column <= start + width; ++column)
      if (taken(here.row, column)) return true;
    for (const bool entering : {true, false}) {
      if (!(entering ? here.enters : here.leaves)) continue;
      const int column = entering ? start - 3 : start + width + 2;
      const auto [top, bottom] = reach(index, entering);
      for (int row = top; row <= bottom; ++row)
        if (taken(row, column)) return true;
    }
    return false;
  }

  void claim(int index) {
    const Box& here = box(index);
    for (int column = here.start - 1; column <= here.end; ++column)
      taken_.insert({here.row, column});  // with its margins
    for (const bool entering : {true, false}) {
      if (!(entering ? here.enters : here.leaves)) continue;
      const auto [top, bottom] = reach(index, entering);
      for (int row = top; row <= bottom; ++row) taken_.insert({row, entering ? before(here) : behind(here)});
    }
  }

  void draw(Canvas& canvas, const Box& from, const Box& to) const {
    const int start = from.end + 1;
    const int end = to.start - 2;
    if (from.row == to.row) {
      canvas.horizontal(from.row, start, end);
      if (start == end) canvas.horizontal(from.row, start, start);
      if (start == end) canvas.text(from.row, start, "─");
      return;
    }
    const bool along_own_row = chain_end_.count(static_cast<int>(&from - boxes_.data())) != 0;
    const int column = along_own_row ? before(to) : behind(from);
    canvas.horizontal(from.row, start, column);
    canvas.vertical(column, from.row, to.row);
    canvas.horizontal(to.row, column, end);
  }

  std::vector<Box> boxes_;
  std::vector<Line> lines_;
  std::set<int> chain_end_;    // last of its row
  std::set<int> chain_start_;  // not first of its row
  std::set<std::pair<int, int>> taken_;
  int rows_ = 0;
};

}  // namespace

std::string draw_text(const ResolvedGraph& graph) {
  std::string out = graph.title + "\n";
  for (const ResolvedFlow& flow : graph.flows) {
    out += "\nflow." + flow.name + (flow.split.empty() ? "" : "  split " + flow.split);
    out += "  batch " + std::to_string(flow.batch) + "\n";
    out += Picture(graph, flow).print();
  }
  return out;
}

}  // namespace earshot::graph
