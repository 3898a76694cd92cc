// earshot_probe FILE [--write]: loads one plugin and prints its description file, or writes it as NAME.json beside
// NAME.so. A process of its own, so that a plugin that crashes or hangs takes nothing else with it.
// Ends with 0; 1 and one line on stderr where the library is not a usable plugin; 2 where the command line is wrong.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "earshot/pipeline/plugins/probe.h"

namespace {

namespace fs = std::filesystem;

// Whole or not at all.
bool write_file(const fs::path& file, const std::string& text) {
  const fs::path draft = file.string() + ".tmp";
  std::error_code failure;
  std::ofstream(draft, std::ios::binary) << text << std::flush;
  if (fs::file_size(draft, failure) != text.size() || failure) return false;
  fs::rename(draft, file, failure);
  return !failure;
}

int probe(const fs::path& library, bool write) {
  // What the library itself prints goes to stderr: stdout carries the description alone.
  std::cout.flush();
  const int answer = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  const auto loaded = [write] {
    if (!write) std::cerr << earshot::plugins::kLoadedLine << std::endl;
  };
  const earshot::Result<std::string> text = earshot::plugins::describe_library(library, loaded);
  if (!text.ok()) {
    std::cerr << (write ? library.string() + " " : "") << text.error().message << std::endl;
    return 1;
  }
  if (write) {
    const fs::path file = fs::path(library).replace_extension(".json");
    if (write_file(file, *text)) return 0;
    std::cerr << file.string() << " cannot be written" << std::endl;
    return 1;
  }
  for (std::string_view left = *text; !left.empty();) {
    const ssize_t count = ::write(answer, left.data(), left.size());
    if (count <= 0) return 1;
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool write = argc == 3 && std::string_view(argv[2]) == "--write";
  if (argc != 2 && !write) {
    std::cerr << "usage: earshot_probe FILE [--write]\n";
    return 2;
  }
  // No destructors of the library's: what they do is no part of the answer.
  std::_Exit(probe(argv[1], write));
}
