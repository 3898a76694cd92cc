// Broken graphs by the thousand, and graphs made to be slow: the checker answers every one of them, soon.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "earshot/pipeline/graph/check.h"
#include "earshot/pipeline/graph/draw.h"
#include "fake_plugins.h"

namespace earshot::graph {
namespace {

namespace fs = std::filesystem;

class Mutation : public testing::Test {
 protected:
  void SetUp() override {
    fs::current_path(EARSHOT_SOURCE_DIR);
    std::ifstream stream("tests/cases/base/towers.toml");
    graph_.assign(std::istreambuf_iterator<char>(stream), {});
  }

  CheckResult check_text(const std::string& text) {
    const fs::path file = fs::path(testing::TempDir()) / "mutation_test.toml";
    std::ofstream(file, std::ios::binary) << text;
    CheckResult result = check(file, {}, plugins_);
    EXPECT_NE(result.ok(), std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                                       [](const Diagnostic& one) { return one.error; }));
    said_ += format(result.diagnostics).size();
    if (result.ok()) said_ += draw_text(*result.graph).size() + draw_dot(*result.graph).size();
    return result;
  }

  std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  // One small change: bytes, words or whole lines dropped, doubled, swapped or invented.
  void mutate(std::string& text) {
    static const std::vector<std::string> kWords = {
        "[",    "]",    "=", "\"",   "{",  "}",    ".",   "->", "\n", ",",    "''",    "#",         "-1",
        "1e99", "true", "é", "\xff", "[[", "\"\"", "nan", "[]", "{}", "auto", "stage", "flow.train"};
    const std::size_t at = below(text.size());
    const std::size_t length = std::min(text.size() - at, 1 + below(40));
    switch (below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      case 2:
        text.insert(at, kWords[below(kWords.size())]);
        break;
      case 3:
        text[at] = static_cast<char>(below(256));
        break;
      case 4:
        text.replace(at, length, kWords[below(kWords.size())]);
        break;
      default:
        swap_words(text, at, below(text.size()));
        break;
    }
    if (text.empty()) text = "\n";
  }

  static void swap_words(std::string& text, std::size_t a, std::size_t b) {
    const auto word = [&](std::size_t at) {
      const std::size_t begin = text.find_last_of(" \n\"=", at) + 1;
      return std::pair(begin, std::min(text.find_first_of(" \n\"=", at), text.size()));
    };
    const auto [first, first_end] = word(std::min(a, b));
    const auto [second, second_end] = word(std::max(a, b));
    if (first_end > second || first_end < first || second_end < second) return;
    const std::string left = text.substr(first, first_end - first);
    const std::string right = text.substr(second, second_end - second);
    text.replace(second, right.size(), left);
    text.replace(first, left.size(), right);
  }

  std::string graph_;
  const fake::FakePlugins plugins_;
  std::mt19937_64 random_{20240513};
  std::size_t said_ = 0;
};

TEST_F(Mutation, five_thousand_broken_graphs_are_answered) {
  for (int i = 0; i < 5000; ++i) {
    std::string text = graph_;
    for (std::size_t n = 1 + below(4); n > 0; --n) mutate(text);
    check_text(text);
  }
  EXPECT_GT(said_, 0U);
}

TEST_F(Mutation, every_prefix_of_a_graph_is_answered) {
  for (std::size_t end = 0; end < graph_.size(); end += 3) check_text(graph_.substr(0, end));
  EXPECT_GT(said_, 0U);
}

// `line` of 0, 1, 2... one after another.
template <class Line>
std::string lines(int count, const Line& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line(std::to_string(i), std::to_string(i + 1));
  return text;
}

std::vector<std::string> slow_graphs() {
  const std::string wires = "[flow.f.wires]\n";
  const auto key = [](const auto& n, const auto&) { return "k" + n + " = 1\n"; };
  const auto stage = [](const auto& n, const auto&) { return "[stage.d" + n + "]\nplugin = \"duet\"\ncache = true\n"; };
  const auto rung = [](const auto& n, const auto& next) {
    return "a" + n + " = \"d" + n + " -> d" + next + ".first\"\nb" + n + " = \"d" + n + " -> d" + next + ".second\"\n";
  };
  return {lines(80000, key),
          "[stage.crop]\nplugin = \"crop\"\n" + lines(80000, key),
          lines(20000, stage),
          wires + lines(50000, [](const auto& n, const auto&) { return "w" + n + " = \"a -> b\"\n"; }),
          wires + "w = \"a" + lines(200000, [](const auto&, const auto&) { return " -> a"; }) + "\"\n",
          lines(20000, [](const auto& n, const auto&) { return "[flow.f" + n + ".wires]\nw = \"a -> b\"\n"; }),
          "[repeat.over]\n" + lines(40000, [](const auto& n, const auto&) { return "s" + n + " = [1, 2]\n"; }),
          lines(50000, [](const auto&, const auto&) { return "[[run]]\nflow = \"x\"\n"; }),
          lines(400, stage) + wires + lines(399, rung)};
}

// Sanitizers cost several times the processor time: there the limit only tells seconds from minutes.
TEST_F(Mutation, graphs_made_to_be_slow_are_answered_within_seconds) {
#if defined(__SANITIZE_ADDRESS__)
  constexpr std::clock_t kLimit_s = 60;
#else
  constexpr std::clock_t kLimit_s = 10;
#endif
  for (const std::string& text : slow_graphs()) {
    const std::clock_t start = std::clock();  // of this process: a busy machine is no fault
    EXPECT_FALSE(check_text("format = 1\n" + text).ok());
    EXPECT_LT(std::clock() - start, kLimit_s * CLOCKS_PER_SEC) << text.substr(0, 60);
  }
}

}  // namespace
}  // namespace earshot::graph
