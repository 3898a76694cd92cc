// CsvReader: the rows of a comma-separated text, one at a time. Source: RFC 4180.
//
// Lines end in LF or CRLF; a byte order mark at the start and empty lines are skipped. Fields are bytes: nothing is
// trimmed, unescaped beyond doubled quotes, or checked for its encoding. A quote inside an unquoted field is an
// ordinary character. The text is borrowed and must outlive the reader. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::text {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  // Replaces `fields` by those of the next row; false at the end of the text.
  // Errors: kCorruptInput for a quoted field that never ends or is followed by something else, naming the line.
  Result<bool> next(std::vector<std::string>& fields) {
    while (at_line_end()) take_line_end();
    fields.clear();
    if (at_ == text_.size()) return false;
    row_line_ = line_;
    for (;;) {
      fields.emplace_back();
      const Status taken =
          at_ < text_.size() && text_[at_] == '"' ? take_quoted(fields.back()) : take_plain(fields.back());
      if (!taken.ok()) return taken.error();
      if (at_ == text_.size()) return true;
      if (text_[at_] != ',') return take_line_end(), true;
      ++at_;
    }
  }

  // The line, from 1, on which the row returned last begins.
  [[nodiscard]] std::int64_t line() const noexcept { return row_line_; }

 private:
  [[nodiscard]] bool at_line_end() const {
    return at_ < text_.size() && (text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n");
  }
  void take_line_end() {
    at_ += text_[at_] == '\n' ? 1 : 2;
    ++line_;
  }
  Status take_plain(std::string& field) {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) ++at_;
    field.assign(text_.substr(start, at_ - start));
    return {};
  }
  Status take_quoted(std::string& field) {
    for (++at_;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return broken("a quoted field that begins in it never ends");
      for (const char c : text_.substr(at_, quote - at_)) line_ += c == '\n';
      field.append(text_.substr(at_, quote - at_));
      at_ = quote + 1;
      if (at_ == text_.size() || text_[at_] != '"') break;
      field.push_back('"');
      ++at_;
    }
    if (at_ == text_.size() || text_[at_] == ',' || at_line_end()) return {};
    return broken("a comma or the end of the line was expected after a closing quote");
  }
  [[nodiscard]] Error broken(const char* why) const {
    return {ErrorCode::kCorruptInput, "the row at line " + std::to_string(row_line_) + " is broken: " + why};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::int64_t row_line_ = 0;
};

}  // namespace earshot::text
