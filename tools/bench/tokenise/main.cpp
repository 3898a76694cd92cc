// Sentences to ids, as `tokenise` does it, on one thread.
//
//   bench_tokenise FOLDER FAMILY FILE          strings a second, median of seven passes
//   bench_tokenise FOLDER FAMILY FILE --ids    the ids instead, a line of numbers a string: for tools/parity
//
// FOLDER holds the vocabulary (plugins/tokenise/README.md). The strings of FILE are separated by byte 0xFF, which UTF-8
// never has.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/text/sentence_tokeniser.h"

namespace {

using namespace earshot;

constexpr int kPasses = 7;
constexpr std::int32_t kMaxTokens = 65536;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> strings;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = std::min(text.find('\xFF'), text.size());
    strings.push_back(text.substr(0, end));
  }
  return strings;
}

void print_ids(const text::SentenceTokeniser& tokenise, const std::vector<std::string_view>& strings) {
  for (const std::string_view string : strings) {
    const Result<std::vector<std::int32_t>> ids = tokenise(string);
    std::string line = ids.ok() ? "" : ids.error().message;
    if (ids.ok())
      for (const std::int32_t id : *ids) line += (line.empty() ? "" : " ") + std::to_string(id);
    std::puts(line.c_str());
  }
}

double seconds_of_pass(const text::SentenceTokeniser& tokenise, const std::vector<std::string_view>& strings) {
  const auto begun = std::chrono::steady_clock::now();
  std::size_t tokens = 0;
  for (const std::string_view string : strings) tokens += tokenise(string).value().size();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return tokens > 0 ? seconds : 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "usage: bench_tokenise FOLDER FAMILY FILE [--ids]\n");
    return 2;
  }
  Result<text::Tokeniser> record = text::tokeniser_in(words[1], words[2]);
  if (record.ok()) record->max_tokens = kMaxTokens;
  const Result<text::SentenceTokeniser> tokenise =
      record.ok() ? text::SentenceTokeniser::open(*record) : Result<text::SentenceTokeniser>(record.error());
  if (!tokenise.ok()) {
    std::fprintf(stderr, "bench_tokenise: %s\n", tokenise.error().message.c_str());
    return 1;
  }
  std::ifstream stream(words[3], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const std::vector<std::string_view> strings = split(bytes);
  if (count > 4) {
    print_ids(*tokenise, strings);
    return 0;
  }
  std::vector<double> seconds;
  for (int pass = 0; pass < kPasses; ++pass) seconds.push_back(seconds_of_pass(*tokenise, strings));
  std::ranges::sort(seconds);
  const double median = seconds[kPasses / 2];
  std::printf("%zu strings, one thread: %.0f strings/s (median of %d)\n", strings.size(),
              static_cast<double>(strings.size()) / median, kPasses);
}
