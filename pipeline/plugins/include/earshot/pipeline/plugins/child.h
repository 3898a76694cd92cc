// run_child: a program in a process group of its own, its output captured, killed when its time is up.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/contract/result.h"

namespace earshot::plugins {

struct ChildEnd {
  std::string output;  // stdout, at most 4 MiB; a child that writes more is killed
  std::string errors;  // stderr, the same
  bool timed_out = false;
  int exit_code = 0;  // meaningless where a signal ended it
  int signal = 0;     // 0 where it ended by itself
};

// A program of ours beside this one, in ../bin or in ../libexec/earshot; empty where it is not.
std::filesystem::path find_helper(std::string_view name);

// Safe from any thread. Errors: kIo when the program cannot be started.
Result<ChildEnd> run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds limit);

}  // namespace earshot::plugins
