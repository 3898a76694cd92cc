#include "findings.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "tree.h"

namespace earshot::graph {
namespace {

constexpr int kLongestLine = 240;  // code points that are shown

std::string printable(std::string_view line) {
  std::string out(line);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20U && c != '\t') || byte == 0x7FU) c = '?';
  }
  return out;
}

}  // namespace

void Sources::add_file(const std::string& file, std::string_view text) {
  const auto [place, fresh] = files_.try_emplace(file);
  if (!fresh) return;
  place->second.rank = files_.size();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    place->second.lines[number] = line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Sources::add_argument(int argument, std::string_view text) {
  Text& arguments = files_[kArgument];
  arguments.rank = std::numeric_limits<std::size_t>::max();
  arguments.lines[argument] = text;
}

std::string Sources::line(const Span& span) const {
  const auto file = files_.find(span.origin.file);
  if (file == files_.end()) return {};
  const auto line = file->second.lines.find(span.origin.line);
  if (line == file->second.lines.end() || code_points(line->second) > kLongestLine) return {};
  return printable(line->second);
}

std::size_t Sources::rank(const std::string& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? 0 : found->second.rank;
}

void Findings::error(const Span& span, std::string message, std::string hint, std::vector<std::string> notes) {
  ++errors_;
  add({span, std::move(message), std::move(hint), std::move(notes), {}, true});
}

void Findings::note(const Span& span, std::string message, std::string hint) {
  add({span, std::move(message), std::move(hint), {}, {}, false});
}

void Findings::add(Diagnostic diagnostic) {
  diagnostic.source_line = sources_.line(diagnostic.span);
  const int room = code_points(diagnostic.source_line) - diagnostic.span.origin.column + 1;
  diagnostic.span.length = std::max(1, std::min(diagnostic.span.length, room));
  all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Findings::sorted() const {
  std::vector<Diagnostic> out = all_;
  const auto place = [this](const Diagnostic& diagnostic) {
    const Origin& origin = diagnostic.span.origin;
    return std::tuple(sources_.rank(origin.file), origin.file, origin.line, origin.column, diagnostic.message);
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) { return place(a) == place(b); };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace earshot::graph
