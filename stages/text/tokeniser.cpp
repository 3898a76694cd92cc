#include "earshot/text/tokeniser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "earshot/contract/fact_record.h"

namespace earshot::text {
namespace {

constexpr std::array<std::string_view, 2> kPreparations{"plain", "raw"};

Error wrong(const std::string& what) { return {ErrorCode::kInvalidArgument, "tokeniser: " + what}; }

// Every member with its name, in alphabetical order: the one list behind text and parsing.
template <class Self, class Visit>
void visit_members(Self& self, const Visit& visit) {
  visit("content", self.content);
  visit("end", self.end);
  visit("family", self.family);
  visit("mask", self.mask);
  visit("max_tokens", self.max_tokens);
  visit("pad", self.pad);
  visit("path", self.path);
  visit("prefix", self.prefix);
  visit("preparation", self.preparation);
  visit("start", self.start);
  visit("unk", self.unk);
  visit("vocabulary", self.vocabulary);
}

std::string text_of(std::int32_t value) { return std::to_string(value); }
// What separates names and values is written by its number.
std::string text_of(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == ' ')
      text += "%20";
    else if (c == '=')
      text += "%3D";
    else if (c == '%')
      text += "%25";
    else
      text += c;
  }
  return text;
}
std::string text_of(Preparation value) { return std::string(kPreparations[static_cast<std::size_t>(value)]); }

// Reads `text` into the member; otherwise what was expected.
std::string_view read(std::string_view text, std::int32_t& value) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end ? "" : "a whole number";
}

std::string_view read(std::string_view text, std::string& value) {
  constexpr std::array<std::pair<std::string_view, char>, 3> kWritten{{{"%20", ' '}, {"%3D", '='}, {"%25", '%'}}};
  value.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto* const found =
        std::ranges::find(kWritten, text.substr(at, 3), &std::pair<std::string_view, char>::first);
    value += found == kWritten.end() ? text[at] : found->second;
    if (found != kWritten.end()) at += 2;
  }
  return {};
}

std::string_view read(std::string_view text, Preparation& value) {
  const auto* const found = std::ranges::find(kPreparations, text);
  if (found == kPreparations.end()) return "plain or raw";
  value = static_cast<Preparation>(found - kPreparations.begin());
  return {};
}

Status assign(Tokeniser& tokeniser, std::string_view name, std::string_view value) {
  bool known = false;
  std::string_view expected;
  visit_members(tokeniser, [&](std::string_view member, auto& field) {
    if (member != name) return;
    known = true;
    expected = read(value, field);
  });
  if (!known) return wrong("nothing is called '" + std::string(name) + "'");
  if (!expected.empty())
    return wrong(std::string(name) + " is '" + std::string(value) + "', expected " + std::string(expected));
  return {};
}

std::array<std::int32_t, 5> specials(const Tokeniser& tokeniser) {
  return {tokeniser.start, tokeniser.pad, tokeniser.end, tokeniser.unk, tokeniser.mask};
}

}  // namespace

std::string Tokeniser::to_text() const {
  std::string text;
  visit_members(*this, [&text](std::string_view name, const auto& value) {
    const std::string written = text_of(value);
    if (written.empty()) return;
    if (!text.empty()) text += ' ';
    text.append(name).append("=").append(written);
  });
  return text;
}

Result<Tokeniser> Tokeniser::parse(std::string_view text) {
  const auto fields = fact_fields(text);
  if (!fields.ok()) return wrong(fields.error().message);
  Tokeniser tokeniser;
  for (const auto& [name, value] : *fields)
    if (Status status = assign(tokeniser, name, value); !status.ok()) return status.error();
  if (Status status = tokeniser.check(); !status.ok()) return status.error();
  return tokeniser;
}

Status Tokeniser::check() const {
  struct Bound {
    const char* name;
    std::int32_t value;
    std::int32_t low;
    std::int32_t high;
  };
  const std::int32_t last = vocabulary - 1;
  for (const Bound& bound :
       {Bound{"vocabulary", vocabulary, 8, 1 << 24}, Bound{"max_tokens", max_tokens, 2, 65536},
        Bound{"prefix", prefix, 0, 32}, Bound{"start", start, -1, last}, Bound{"pad", pad, -1, last},
        Bound{"end", end, -1, last}, Bound{"unk", unk, -1, last}, Bound{"mask", mask, -1, last}})
    if (bound.value < bound.low || bound.value > bound.high)
      return wrong(std::string(bound.name) + " is " + std::to_string(bound.value) + ", expected " +
                   std::to_string(bound.low) + " to " + std::to_string(bound.high));
  const auto is_name_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (family.empty() || !std::ranges::all_of(family, is_name_character))
    return wrong("family is '" + family + "', expected lower-case letters, digits and '_'");
  std::array<std::int32_t, 5> ids = specials(*this);
  std::ranges::sort(ids);
  const auto given = std::ranges::upper_bound(ids, -1);
  if (std::adjacent_find(given, ids.end()) != ids.end())
    return wrong("two of start, pad, end, unk and mask have the same id, expected five different ones");
  if (family == "words" && first_ordinary() >= vocabulary)
    return wrong("the highest special is id " + std::to_string(first_ordinary() - 1) + " of " +
                 std::to_string(vocabulary) + ", which leaves none to words");
  return {};
}

bool Tokeniser::is_special(std::int32_t id) const noexcept {
  return id >= 0 && std::ranges::count(specials(*this), id);
}

std::int32_t Tokeniser::first_ordinary() const noexcept { return std::ranges::max(specials(*this)) + 1; }

}  // namespace earshot::text
