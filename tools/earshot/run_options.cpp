#include "run_options.h"

#include <limits>

#include "stop_signals.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

constexpr std::int64_t kMostThreads = 1024;

}  // namespace

void declare_thread_options(po::options_description& options) {
  options.add_options()("threads", po::value<std::int64_t>()->default_value(0, "all cores")->value_name("N"),
                        "workers of the flow graph");
  options.add_options()("compute-threads", po::value<std::int64_t>()->default_value(0, "all cores")->value_name("N"),
                        "threads inside one call of an encoder");
}

void declare_run_options(po::options_description& options) {
  options.add_options()("limit", po::value<std::int64_t>()->default_value(0, "all")->value_name("N"),
                        "records to take of each view");
  declare_thread_options(options);
}

Result<run::RunOptions> run_options(const Arguments& arguments) {
  const Result<std::int64_t> threads = arguments.number("threads", 0, kMostThreads);
  if (!threads.ok()) return threads.error();
  const Result<std::int64_t> compute_threads = arguments.number("compute-threads", 0, kMostThreads);
  if (!compute_threads.ok()) return compute_threads.error();
  run::RunOptions options;
  options.threads = static_cast<int>(*threads);
  options.compute_threads = static_cast<int>(*compute_threads);
  if (arguments.has("limit")) {
    const Result<std::int64_t> limit = arguments.number("limit", 0, std::numeric_limits<std::int64_t>::max());
    if (!limit.ok()) return limit.error();
    options.limit = *limit;
  }
  watch_for_stop_signals();
  options.stop = stop_requested;
  return options;
}

}  // namespace earshot::tools
