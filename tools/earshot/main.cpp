// earshot: the program. Results go to stdout, everything else to stderr.
#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "command.h"
#include "earshot/pipeline/graph/nearest.h"
#include "process.h"
#include "table.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

bool is_of_group(const Command& command, const std::string& group) { return command.name.starts_with(group + " "); }

// Of all commands, or of those whose names begin with the same word.
std::string general_help(const std::string& group = {}) {
  Table table({Align::kLeft, Align::kLeft});
  for (const Command& command : commands())
    if (group.empty() || is_of_group(command, group))
      table.add({std::string(command.name) + " " + std::string(command.operands), std::string(command.sentence)});
  return "usage: earshot " + (group.empty() ? "" : group + " ") + "COMMAND [OPTIONS]\n\n" + table.text(2) +
         "\n`earshot COMMAND --help` lists the options of a command, `earshot --version` says which earshot this is.\n"
         "Exit codes: 0 done, 1 failed, 2 the command line or the graph is wrong, 130 interrupted.\n";
}

po::options_description options_of(const Command& command) {
  po::options_description options("options", 110, 70);
  command.declare(options);
  options.add_options()("help", po::bool_switch(), "this text");
  return options;
}

ExitCode fail(const Error& error, const std::string& advice = {}) {
  std::cerr << "earshot: error: " << error.message << '\n' << advice;
  return error.code == ErrorCode::kInvalidArgument ? ExitCode::kWrong : ExitCode::kFailed;
}

// `words` stand behind the command's own, of which there are `own_words`.
ExitCode run_command(const Command& command, std::span<const std::string> words, int own_words) {
  const std::string name(command.name);
  const std::string usage = "usage: earshot " + name + " " + std::string(command.operands) + " [OPTIONS]\n";
  const po::options_description options = options_of(command);
  const Result<Arguments> arguments = Arguments::parse(words, /*first_number=*/1 + own_words, options);
  if (!arguments.ok()) return fail(arguments.error(), "`earshot " + name + " --help` lists what it takes\n");
  if (arguments->flag("help")) {
    std::cout << usage << "\n" << command.sentence << "\n\n" << options;
    return ExitCode::kDone;
  }
  const auto count = static_cast<int>(arguments->operands().size());
  if (count < command.min_operands || (command.max_operands != kAnyNumber && count > command.max_operands)) {
    const std::string what = count < command.min_operands
                                 ? name + " wants " + std::string(command.operands)
                                 : name + " does not know what to do with \"" + arguments->operands().back() + "\"";
    return fail({ErrorCode::kInvalidArgument, what}, usage);
  }
  const Result<ExitCode> end = command.run(*arguments);
  return end.ok() ? *end : fail(end.error());
}

ExitCode main_of(std::span<const std::string> words) {
  if (words.empty()) {
    std::cerr << general_help();
    return ExitCode::kWrong;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << general_help();
    return ExitCode::kDone;
  }
  if (words[0] == "--version") {
    std::cout << "earshot " EARSHOT_VERSION "\n";
    return ExitCode::kDone;
  }
  const auto command = std::ranges::find(commands(), words[0], &Command::name);
  if (command != commands().end()) return run_command(*command, words.subspan(1), 1);
  const std::string name = words[0] + (words.size() > 1 ? " " + words[1] : "");
  const auto verb = std::ranges::find(commands(), name, &Command::name);
  if (verb != commands().end()) return run_command(*verb, words.subspan(2), 2);
  const bool group = std::ranges::any_of(commands(), [&](const Command& each) { return is_of_group(each, words[0]); });
  if (group && words.size() == 1) {
    std::cerr << general_help(words[0]);
    return ExitCode::kWrong;
  }
  if (group && (words[1] == "--help" || words[1] == "-h" || words[1] == "help")) {
    std::cout << general_help(words[0]);
    return ExitCode::kDone;
  }
  std::vector<std::string> names;
  for (const Command& each : commands())
    if (!group || is_of_group(each, words[0])) names.emplace_back(each.name);
  const std::string meant = graph::did_you_mean(group ? name : words[0], names);
  return fail(
      {ErrorCode::kInvalidArgument, "no command is called \"" + (group ? name : words[0]) + "\"" +
                                        (meant.empty() ? "; these are: " + graph::joined(names) : "; " + meant)});
}

}  // namespace

std::span<const Command> commands() {
  static const Command kAll[] = {kRun,        kCheck,      kPlan,        kDraw,      kPeek,         kPlugins,
                                 kDescribe,   kEmbed,      kSearch,      kCacheLs,   kCacheExplain, kCacheVerify,
                                 kCacheEvict, kCacheMerge, kCacheExport, kCacheHash, kNewPlugin,    kDoctor};
  return kAll;
}

}  // namespace earshot::tools

int main(int argc, char** argv) {
  earshot::tools::prepare_process();
  try {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    return static_cast<int>(earshot::tools::main_of(words));
  } catch (const std::exception& thrown) {
    std::cerr << "earshot: error: " << thrown.what() << '\n';
    return static_cast<int>(earshot::tools::ExitCode::kFailed);
  }
}
