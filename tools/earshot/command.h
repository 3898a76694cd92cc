// Command: one word after `earshot`, or two ("cache ls"), what it takes and what it does. One file a command;
// `commands()` lists them.
#pragma once

#include <span>
#include <string_view>

#include <boost/program_options/options_description.hpp>

#include "arguments.h"
#include "earshot/contract/result.h"

namespace earshot::tools {

// What scripts may rely on.
enum class ExitCode : int { kDone = 0, kFailed = 1, kWrong = 2, kInterrupted = 130 };

inline constexpr int kAnyNumber = -1;

struct Command {
  std::string_view name;
  std::string_view operands;  // as the help shows them: "RUN \"sentence\""
  int min_operands = 0;
  int max_operands = 0;
  std::string_view sentence;
  void (*declare)(boost::program_options::options_description& options);
  // An error is printed by the caller and ends with kWrong where its code is kInvalidArgument, else with kFailed.
  Result<ExitCode> (*run)(const Arguments& arguments);
};

// In the order in which the help lists them.
std::span<const Command> commands();

extern const Command kCacheEvict;
extern const Command kCacheExplain;
extern const Command kCacheExport;
extern const Command kCacheHash;
extern const Command kCacheLs;
extern const Command kCacheMerge;
extern const Command kCacheVerify;
extern const Command kCheck;
extern const Command kDescribe;
extern const Command kDoctor;
extern const Command kDraw;
extern const Command kEmbed;
extern const Command kNewPlugin;
extern const Command kPeek;
extern const Command kPlan;
extern const Command kPlugins;
extern const Command kRun;
extern const Command kSearch;

}  // namespace earshot::tools
