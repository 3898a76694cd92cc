// What every plugin says of itself: description, README, options and what they refuse.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "earshot/pipeline/graph/check.h"
#include "subject.h"

namespace earshot::conformance {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class AllPlugins : public graph::Plugins {
 public:
  [[nodiscard]] const PluginDescription* find(std::string_view name) const override { return catalogue().find(name); }
  [[nodiscard]] std::vector<std::string> names() const override { return catalogue().names(); }
};

// The errors that check finds in a graph of this text, by line; those of one line joined.
std::map<int, std::string> errors_in(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("earshot_conformance_" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << text;
  std::map<int, std::string> errors;
  for (const graph::Diagnostic& diagnostic : graph::check(file, {}, AllPlugins()).diagnostics)
    if (diagnostic.error) errors[diagnostic.span.origin.line] += diagnostic.message + ": " + diagnostic.hint + "\n";
  fs::remove(file);
  return errors;
}

// A graph of one stage an option value, each value on a line of its own.
class Values {
 public:
  explicit Values(std::string plugin) : plugin_(std::move(plugin)) {}

  void add(const std::string& option, const std::string& toml) {
    lines_.push_back(option + " = " + toml);
    text_ += "[stage.s" + std::to_string(lines_.size()) + "]\nplugin = \"" + plugin_ + "\"\n" + lines_.back() + "\n";
  }
  // Each line with the error that check finds in it, empty where it finds none.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> check() const {
    std::map<int, std::string> errors = errors_in("format = 1\n" + text_);
    std::vector<std::pair<std::string, std::string>> said;
    for (std::size_t i = 0; i < lines_.size(); ++i) said.emplace_back(lines_[i], errors[static_cast<int>(4 + 3 * i)]);
    return said;
  }

 private:
  std::string plugin_;
  std::string text_;
  std::vector<std::string> lines_;
};

bool is_number(const OptionDescription& option) {
  return option.type == OptionType::kInt || option.type == OptionType::kDouble;
}

std::string number(const OptionDescription& option, double value) {
  return option.type == OptionType::kInt ? std::to_string(static_cast<std::int64_t>(value)) : to_text({value});
}

std::vector<std::string> values_that_fit(const OptionDescription& option) {
  std::vector<std::string> values;
  if (option.min && is_number(option)) values.push_back(number(option, *option.min));
  if (option.max && is_number(option)) values.push_back(number(option, *option.max));
  for (const std::string& choice : option.choices) values.push_back(to_text({choice}));
  return values;
}

std::vector<std::string> values_that_do_not(const OptionDescription& option) {
  std::vector<std::string> values = {"{ a = 1 }"};
  if (option.min && is_number(option)) values.push_back(number(option, *option.min - 1));
  if (option.max && is_number(option)) values.push_back(number(option, *option.max * 2 + 1));
  if (is_number(option)) values.insert(values.end(), {"true", "\"banana\"", "\"3 parsec\"", "nan"});
  if (option.type == OptionType::kInt) values.emplace_back("1.5");
  if (option.type == OptionType::kBool) values.insert(values.end(), {"1", "\"true\""});
  if (option.type == OptionType::kChoice) values.insert(values.end(), {"\"no such choice\"", "1"});
  if (option.type == OptionType::kString || option.type == OptionType::kFile)
    values.insert(values.end(), {"1", "false"});
  return values;
}

class Described : public ::testing::TestWithParam<std::string> {
 protected:
  const PluginDescription& plugin_ = *catalogue().find(GetParam());
  [[nodiscard]] static std::string in_list(const OptionDescription& option, const std::string& value) {
    return option.list ? "[" + value + "]" : value;
  }
};

TEST_P(Described, options_take_their_bounds_and_choices) {
  Values values(GetParam());
  for (const OptionDescription& option : plugin_.options)
    for (const std::string& value : values_that_fit(option)) values.add(option.name, in_list(option, value));
  for (const auto& [line, error] : values.check()) EXPECT_EQ(error, "") << line;
}

TEST_P(Described, what_is_out_of_bounds_is_refused_with_a_sentence) {
  Values values(GetParam());
  for (const OptionDescription& option : plugin_.options) {
    for (const std::string& value : values_that_do_not(option)) values.add(option.name, in_list(option, value));
    if (option.list) values.add(option.name, "1");
  }
  for (const auto& [line, error] : values.check())
    EXPECT_NE(error.find("expected"), std::string::npos) << line << ": " << error;
}

TEST_P(Described, the_readme_s_stanza_can_be_pasted) {
  const std::string readme = text_of(fs::path(EARSHOT_SOURCE_DIR) / "plugins" / GetParam() / "README.md");
  const std::size_t start = readme.find("```toml\n");
  ASSERT_NE(start, std::string::npos) << "README.md has no stanza";
  std::string stanza = readme.substr(start + 8, readme.find("```", start + 8) - start - 8);
  if (stanza.find("format") == std::string::npos) stanza.insert(0, "format = 1\n");
  std::map<int, std::string> errors = errors_in(stanza);
  std::istringstream lines(stanza);
  bool of_this_plugin = false;
  int stages = 0;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("[")) of_this_plugin = line.starts_with("[stage.");
    if (of_this_plugin && line.starts_with("plugin")) {
      of_this_plugin = line.find("\"" + GetParam() + "\"") != std::string::npos;
      stages += of_this_plugin ? 1 : 0;
    }
    EXPECT_EQ(of_this_plugin ? errors[number] : "", "") << line;
  }
  EXPECT_GE(stages, 1) << "no [stage.NAME] with plugin = \"" << GetParam() << "\"";
}

TEST_P(Described, it_starts_with_its_defaults_or_says_why_not) {
  const Subject subject(GetParam());
  const auto started = subject.create();
  EXPECT_TRUE(started.ok()) << started.error().message;
}

INSTANTIATE_TEST_SUITE_P(Plugins, Described, ::testing::ValuesIn(catalogue().names()),
                         [](const auto& named) { return named.param; });

TEST(Conformance, every_plugin_of_the_build_is_among_them) {
  for (const plugins::BadPlugin& bad : catalogue().bad()) ADD_FAILURE() << bad.file << " " << bad.reason;
  const bool torch = fs::exists(fs::path(EARSHOT_BINARY_DIR) / "lib/libearshot_nn.so");
  for (const auto& entry : fs::directory_iterator(fs::path(EARSHOT_SOURCE_DIR) / "plugins")) {
    const std::string build = text_of(entry.path() / "CMakeLists.txt");
    const bool built = !build.empty() && (torch || build.find("earshot_nn") == std::string::npos);
    EXPECT_TRUE(!built || catalogue().find(entry.path().filename().string()) != nullptr) << entry.path();
  }
}

}  // namespace
}  // namespace earshot::conformance
