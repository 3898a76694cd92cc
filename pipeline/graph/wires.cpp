#include "wires.h"

#include <algorithm>
#include <string_view>

#include "earshot/pipeline/graph/nearest.h"
#include "stages.h"

namespace earshot::graph {
namespace {

constexpr std::size_t kMostWires = 1000;  // of a flow, and as many inserts
constexpr std::size_t kMostEnds = 2000;   // of all wires of a flow
constexpr std::string_view kArrow = "->";
constexpr const char* kEndForm = "expected STAGE, STAGE.PORT or SOURCE.VIEW.PORT, with -> between";

std::vector<std::string> split_dots(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_end(const std::vector<std::string>& parts) {
  return parts.size() <= 3 && std::all_of(parts.begin(), parts.end(), is_plain_name);
}

std::string end_text(const WireEnd& end) {
  std::string out;
  for (const std::string& part : end.parts) out += (out.empty() ? "" : ".") + part;
  return out;
}

// Whether an end of a wire is what an insert means: the same stage, and the same port where both name one.
bool same_end(const WireEnd& insert, const WireEnd& wire) {
  return !wire.parts.empty() && insert.parts.front() == wire.parts.front() &&
         (insert.parts.size() == 1 || wire.parts.size() == 1 || insert.parts.back() == wire.parts.back());
}

struct Gap {
  Wire* wire = nullptr;
  std::size_t first = 0;  // the gap is between this end and the next
};

std::vector<Gap> find_gaps(std::vector<Wire>& wires, const Wire& insert) {
  std::vector<Gap> gaps;
  for (Wire& wire : wires)
    for (std::size_t i = 0; i + 1 < wire.ends.size(); ++i)
      if (same_end(insert.ends.front(), wire.ends[i]) && same_end(insert.ends.back(), wire.ends[i + 1]))
        gaps.push_back({&wire, i});
  return gaps;
}

void apply_insert(std::vector<Wire>& wires, const Wire& insert, const Value& value, Findings& findings) {
  if (std::any_of(insert.ends.begin(), insert.ends.end(), [](const WireEnd& end) { return end.parts.empty(); })) return;
  if (insert.ends.size() < 3) {
    if (insert.ends.size() == 2)
      findings.error(value.where, "an insert has a stage to put between two others", "expected \"A -> NEW -> B\"");
    return;
  }
  const std::vector<Gap> gaps = find_gaps(wires, insert);
  if (gaps.size() != 1) {
    std::vector<std::string> behind;
    for (const Wire& wire : wires)
      for (std::size_t i = 0; i + 1 < wire.ends.size(); ++i)
        if (same_end(insert.ends.front(), wire.ends[i])) behind.push_back(end_text(wire.ends[i + 1]));
    const std::string ends = end_text(insert.ends.front()) + " -> " + end_text(insert.ends.back());
    findings.error(insert.ends.front().span,
                   gaps.empty() ? "no wire holds " + ends : std::to_string(gaps.size()) + " wires hold " + ends,
                   gaps.empty() ? "" : "name the ports",
                   {"behind " + end_text(insert.ends.front()) + ": " + listed(behind, "nothing")});
    return;
  }
  std::vector<WireEnd>& ends = gaps.front().wire->ends;
  ends.insert(ends.begin() + static_cast<std::ptrdiff_t>(gaps.front().first) + 1, insert.ends.begin() + 1,
              insert.ends.end() - 1);
}

void report_removal(const Table& wires, const Entry& entry, const std::string& what, Findings& findings) {
  if (entry.value.replaced) return;
  std::vector<std::string> names = wires.names();
  names.erase(std::remove(names.begin(), names.end(), entry.name), names.end());
  findings.error(entry.value.key, what + " has no wire \"" + entry.name + "\" to remove",
                 did_you_mean(entry.name, names), {"wires: " + listed(names)});
}

bool is_small_table(const Value& value, const std::string& what, Findings& findings) {
  if (value.table() == nullptr)
    findings.error(value.where, what + " is " + describe(value), "expected a table, as in { name = \"A -> B\" }");
  else if (value.table()->size() > kMostWires)
    findings.error(value.where, what + " has more than " + std::to_string(kMostWires) + " entries");
  else
    return true;
  return false;
}

std::size_t count_ends(const std::vector<Wire>& wires) {
  std::size_t count = 0;
  for (const Wire& wire : wires) count += wire.ends.size();
  return count;
}

}  // namespace

Wire parse_wire(const std::string& name, const Value& value, Findings& findings) {
  Wire wire{name, {}};
  const std::string* const text = value.text();
  if (text == nullptr) {
    findings.error(value.where, "the wire \"" + name + "\" is " + describe(value), "expected \"A -> B\"");
    return wire;
  }
  bool whole = true;
  std::size_t begin = 0;
  while (begin <= text->size() && wire.ends.size() <= kMostEnds) {
    const std::size_t arrow = std::min(text->find(kArrow, begin), text->size());
    const std::size_t first = std::min(text->find_first_not_of(" \t\r\n", begin), arrow);
    std::size_t last = arrow;
    while (last > first && std::string_view(" \t\r\n").find((*text)[last - 1]) != std::string_view::npos) --last;
    WireEnd end{split_dots(std::string_view(*text).substr(first, last - first)), part_of(value, first, last)};
    if (first == last) {
      const bool start = wire.ends.empty() && whole;
      const std::size_t at = start ? arrow : begin - kArrow.size();
      findings.error(part_of(value, at, std::min(at + kArrow.size(), text->size())),
                     start ? "the wire comes from nowhere" : "the wire goes nowhere", kEndForm);
      whole = false;
      end.parts.clear();
    } else if (!is_end(end.parts)) {
      findings.error(end.span, "\"" + text->substr(first, last - first) + "\" is not an end of a wire", kEndForm);
      whole = false;
      end.parts.clear();
    }
    wire.ends.push_back(std::move(end));
    begin = arrow + kArrow.size();
  }
  if (whole && wire.ends.size() == 1)
    findings.error(wire.ends.front().span, "the wire has one end only: it goes nowhere", kEndForm);
  return wire;
}

std::vector<Wire> read_wires(const Table& flow, const std::string& what, Findings& findings) {
  std::vector<Wire> wires;
  const Value* const table = flow.find("wires");
  const Value* const inserts = flow.find("insert");
  if (table == nullptr || !is_small_table(*table, "wires of " + what, findings)) return wires;
  for (const Entry& entry : *table->table()) {
    if (entry.value.text() != nullptr && entry.value.text()->empty())
      report_removal(*table->table(), entry, what, findings);
    else
      wires.push_back(parse_wire(entry.name, entry.value, findings));
  }
  if (inserts != nullptr && is_small_table(*inserts, "insert of " + what, findings) && count_ends(wires) <= kMostEnds)
    for (const Entry& entry : *inserts->table())
      apply_insert(wires, parse_wire(entry.name, entry.value, findings), entry.value, findings);
  if (count_ends(wires) <= kMostEnds) return wires;
  findings.error(table->where, "wires of " + what + " have more than " + std::to_string(kMostEnds) + " ends");
  return {};
}

}  // namespace earshot::graph
