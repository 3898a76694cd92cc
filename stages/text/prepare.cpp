#include "earshot/text/prepare.h"

#include "code_points.h"

namespace earshot::text {

Result<std::string> prepare(std::string_view utf8, Preparation preparation) {
  std::string prepared;
  prepared.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.length <= 0)
      return Error{ErrorCode::kCorruptInput, "text: byte " + std::to_string(at) + " of " + std::to_string(utf8.size()) +
                                                 " is no UTF-8; convert the file that it comes from"};
    const auto length = static_cast<std::size_t>(point.length);
    if (preparation == Preparation::kRaw) {
      prepared.append(utf8.substr(at, length));
    } else if (!is_ascii_punctuation(point.value)) {
      append(prepared, utf8proc_tolower(point.value));
    }
    at += length;
  }
  return prepared;
}

std::vector<std::string_view> split_words(std::string_view utf8) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  const auto close = [&](std::size_t end) {
    if (end > start) words.push_back(utf8.substr(start, end - start));
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    const std::size_t next = at + static_cast<std::size_t>(point.length);
    if (is_white_space(point.value)) {
      close(at);
      start = next;
    }
    at = next;
  }
  close(utf8.size());
  return words;
}

std::string_view first_code_points(std::string_view utf8, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < utf8.size(); --count) at += static_cast<std::size_t>(code_point_at(utf8, at).length);
  return utf8.substr(0, at);
}

}  // namespace earshot::text
